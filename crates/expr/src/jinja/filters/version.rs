//! Semantic versions.

#![expect(
    clippy::needless_pass_by_value,
    reason = "the template engine passes arguments by value"
)]

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, Value};
use semver::{BuildMetadata, Version};

use super::{argument, wrong_type, wrong_value};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter(
        "version_compare",
        |value: &Value, pattern: Option<Value>, kwargs: Kwargs| compare(value, pattern, &kwargs),
    );
    environment.add_filter(
        "version_more_than",
        |value: &Value, pattern: Option<Value>, kwargs: Kwargs| {
            compare(value, pattern, &kwargs).map(|order| order == 1)
        },
    );
    environment.add_filter(
        "version_less_than",
        |value: &Value, pattern: Option<Value>, kwargs: Kwargs| {
            compare(value, pattern, &kwargs).map(|order| order == -1)
        },
    );
    environment.add_filter(
        "version_equal",
        |value: &Value, pattern: Option<Value>, kwargs: Kwargs| {
            compare(value, pattern, &kwargs).map(|order| order == 0)
        },
    );
    environment.add_filter("version_match", version_match);
    environment.add_filter("version_bump_major", |value: &Value| {
        version(value).map(|v| Version::new(v.major + 1, 0, 0).to_string())
    });
    environment.add_filter("version_bump_minor", |value: &Value| {
        version(value).map(|v| Version::new(v.major, v.minor + 1, 0).to_string())
    });
    environment.add_filter("version_bump_patch", |value: &Value| {
        version(value).map(|v| Version::new(v.major, v.minor, v.patch + 1).to_string())
    });
    environment.add_filter("version_strip_patch", |value: &Value| {
        version(value).map(|v| format!("{}.{}", v.major, v.minor))
    });
}

fn version(value: &Value) -> Result<Version, Error> {
    let text = value
        .as_str()
        .ok_or_else(|| wrong_type(format!("a version is a text, not {}", value.kind())))?;
    parse(text)
}

fn parse(text: &str) -> Result<Version, Error> {
    let mut version = Version::parse(text)
        .map_err(|_| wrong_value(format!("{text} is not valid SemVer string")))?;
    // Builds do not count when versions are compared.
    version.build = BuildMetadata::EMPTY;
    Ok(version)
}

fn compare(value: &Value, pattern: Option<Value>, kwargs: &Kwargs) -> Result<i64, Error> {
    let other = other(pattern, kwargs)?;
    Ok(match version(value)?.cmp(&version(&other)?) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    })
}

fn other(pattern: Option<Value>, kwargs: &Kwargs) -> Result<Value, Error> {
    let other = argument(pattern, kwargs, "pattern")?;
    kwargs.assert_all_used()?;
    other.ok_or_else(|| wrong_type("the filter takes a version to compare with"))
}

fn version_match(value: &Value, pattern: Option<Value>, kwargs: Kwargs) -> Result<bool, Error> {
    let other = other(pattern, &kwargs)?;
    let expression = other
        .as_str()
        .ok_or_else(|| wrong_type("the pattern is not a text"))?;
    let operators = [">=", "<=", "==", "!=", ">", "<"];
    let operator = operators
        .into_iter()
        .find(|operator| expression.starts_with(operator));
    let (operator, text) = match operator {
        Some(operator) => (operator, &expression[operator.len()..]),
        None if expression.starts_with(|c: char| c.is_ascii_digit()) => ("==", expression),
        None => {
            return Err(wrong_value(format!(
                "`{expression}` is not an operator (>, >=, ==, !=, <=, <) and a version"
            )));
        }
    };
    let (one, two) = (version(value)?, parse(text)?);
    Ok(match operator {
        ">=" => one >= two,
        "<=" => one <= two,
        "==" => one == two,
        "!=" => one != two,
        ">" => one > two,
        _ => one < two,
    })
}
