//! Semantic versions, as the Python package `semver` has them: strictly `x.y.z`.

use std::cmp::Ordering;

use pyvalue::{Error, Value};
use semver::{BuildMetadata, Version};

use super::{Call, Fault, Function, Outcome, Parameter};

const VALUE: Parameter = Parameter::new("value");
const PATTERN: Parameter = Parameter::new("pattern");

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(&["version_compare"], &[VALUE, PATTERN], |call| {
        Ok(Value::Int(compare(call)? as i64))
    }),
    Function::new(&["version_more_than"], &[VALUE, PATTERN], |call| {
        Ok(Value::Bool(compare(call)?.is_gt()))
    }),
    Function::new(&["version_less_than"], &[VALUE, PATTERN], |call| {
        Ok(Value::Bool(compare(call)?.is_lt()))
    }),
    Function::new(&["version_equal"], &[VALUE, PATTERN], |call| {
        Ok(Value::Bool(compare(call)?.is_eq()))
    }),
    Function::new(&["version_match"], &[VALUE, PATTERN], matches),
    Function::new(&["version_bump_major"], &[VALUE], |call| {
        let version = version(call, 0)?;
        bumped(version.major, |major| Version::new(major, 0, 0))
    }),
    Function::new(&["version_bump_minor"], &[VALUE], |call| {
        let version = version(call, 0)?;
        bumped(version.minor, |minor| Version::new(version.major, minor, 0))
    }),
    Function::new(&["version_bump_patch"], &[VALUE], |call| {
        let version = version(call, 0)?;
        bumped(version.patch, |patch| {
            Version::new(version.major, version.minor, patch)
        })
    }),
    Function::new(&["version_strip_patch"], &[VALUE], |call| {
        let version = version(call, 0)?;
        Ok(Value::from(format!("{}.{}", version.major, version.minor)))
    }),
];

fn version(call: &Call<'_>, at: usize) -> Result<Version, Fault> {
    parse(call.str(at, "a version")?)
}

fn parse(text: &str) -> Result<Version, Fault> {
    let mut version = Version::parse(text)
        .map_err(|_| Error::value_error(format!("`{text}` is no version, write one as `1.2.3`")))?;
    // Builds do not count when versions are compared.
    version.build = BuildMetadata::EMPTY;
    Ok(version)
}

fn compare(call: &Call<'_>) -> Result<Ordering, Fault> {
    Ok(version(call, 0)?.cmp(&version(call, 1)?))
}

fn bumped(number: u64, version: impl FnOnce(u64) -> Version) -> Outcome {
    let next = number
        .checked_add(1)
        .ok_or_else(|| Error::value_error("the version cannot be made larger"))?;
    Ok(Value::from(version(next).to_string()))
}

fn matches(call: &Call<'_>) -> Outcome {
    let version = version(call, 0)?;
    let pattern = call.str(1, "a pattern")?;
    let operators = [">=", "<=", "==", "!=", ">", "<"];
    let operator = operators
        .into_iter()
        .find(|operator| pattern.starts_with(operator));
    let (operator, text) = match operator {
        Some(operator) => (operator, &pattern[operator.len()..]),
        None if pattern.starts_with(|c: char| c.is_ascii_digit()) => ("==", pattern),
        None => {
            return Err(Error::value_error(format!(
                "`{pattern}` is not an operator (>, >=, ==, !=, <=, <) and a version"
            ))
            .into());
        }
    };
    let order = version.cmp(&parse(text)?);
    Ok(Value::Bool(match operator {
        ">=" => order.is_ge(),
        "<=" => order.is_le(),
        "==" => order.is_eq(),
        "!=" => order.is_ne(),
        ">" => order.is_gt(),
        _ => order.is_lt(),
    }))
}
