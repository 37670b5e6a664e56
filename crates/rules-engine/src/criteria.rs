//! What a criterion may ask of a value: st2's operators, with Python's notions of equality, order and text.
//!
//! The semantics are those of st2 3.9's `operators.py`: a null pattern matches nothing (save for `nequals`, `exists`
//! and `nexists`), nothing is converted, and a comparison that Python cannot make is an error, not a no.

pub(crate) mod compare;
mod wildcard;

use std::cmp::Ordering;

use chrono::{DateTime, Utc};
use expr::TemplateError;
use pyvalue::regex::{Flags, Regex};
use pyvalue::{Class, datetime, number};
use serde_json::Value;

use self::wildcard::Wildcard;

/// Why a criterion could not be evaluated at all (not: why it said no).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CriteriaError {
    /// No operator has this name.
    #[error("the operator `{operator}` does not exist{}", suggest(suggestion.as_deref()))]
    UnknownOperator {
        /// The name.
        operator: String,
        /// A name that looks like it.
        suggestion: Option<&'static str>,
    },
    /// `search` has no such condition.
    #[error(
        "the condition `{0}` of `search` does not exist; use `any`, `all`, `any2any` or `all2any`"
    )]
    UnknownCondition(String),
    /// The pattern of `search` is not a mapping of criteria.
    #[error("the pattern of `search` is {0}; criteria on `item` are needed")]
    SearchPattern(&'static str),
    /// The operator does not work on such values.
    #[error("`{operator}` cannot compare {value} with {pattern}")]
    Types {
        /// The operator.
        operator: &'static str,
        /// What the payload holds there, in a word.
        value: &'static str,
        /// What the pattern is, in a word.
        pattern: &'static str,
    },
    /// The pattern is not a regular expression.
    #[error("the pattern is not a regular expression: {0}")]
    Regex(String),
    /// A regular expression took too many steps.
    #[error("the regular expression took too many steps on this value and was stopped")]
    Runaway,
    /// Not a point in time.
    #[error("`{0}` is not a point in time")]
    Time(String),
    /// Not a number of seconds.
    #[error("`{0}` is not a number of seconds")]
    Seconds(String),
    /// The key is not a path, or cannot be followed.
    #[error(transparent)]
    Path(#[from] expr::path::PathError),
    /// The pattern's template failed.
    #[error("the pattern `{}` cannot be rendered: {}", short(&.0.source_text), .0.message)]
    Template(Box<TemplateError>),
}

impl CriteriaError {
    /// The error over several lines, with a caret under the fault, where it is about an expression.
    pub(crate) fn rendered(&self) -> Option<String> {
        match self {
            Self::Template(error) => Some(format!(
                "the pattern cannot be rendered: {}",
                error.rendered
            )),
            _ => None,
        }
    }
}

fn suggest(suggestion: Option<&str>) -> String {
    suggestion
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

/// The operators other than `search`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    MatchWildcard,
    MatchRegex,
    Regex,
    IRegex,
    Equals,
    NEquals,
    IEquals,
    Contains,
    IContains,
    NContains,
    INContains,
    StartsWith,
    IStartsWith,
    EndsWith,
    IEndsWith,
    LessThan,
    GreaterThan,
    TimeDiffLt,
    TimeDiffGt,
    Exists,
    NExists,
    Inside,
    NInside,
}

/// Every name of an operator, long names first.
const NAMES: &[(&str, Operator)] = &[
    ("matchwildcard", Operator::MatchWildcard),
    ("matchregex", Operator::MatchRegex),
    ("regex", Operator::Regex),
    ("iregex", Operator::IRegex),
    ("equals", Operator::Equals),
    ("nequals", Operator::NEquals),
    ("iequals", Operator::IEquals),
    ("contains", Operator::Contains),
    ("icontains", Operator::IContains),
    ("ncontains", Operator::NContains),
    ("incontains", Operator::INContains),
    ("startswith", Operator::StartsWith),
    ("istartswith", Operator::IStartsWith),
    ("endswith", Operator::EndsWith),
    ("iendswith", Operator::IEndsWith),
    ("lessthan", Operator::LessThan),
    ("greaterthan", Operator::GreaterThan),
    ("timediff_lt", Operator::TimeDiffLt),
    ("timediff_gt", Operator::TimeDiffGt),
    ("exists", Operator::Exists),
    ("nexists", Operator::NExists),
    ("inside", Operator::Inside),
    ("ninside", Operator::NInside),
    ("eq", Operator::Equals),
    ("neq", Operator::NEquals),
    ("ieq", Operator::IEquals),
    ("lt", Operator::LessThan),
    ("gt", Operator::GreaterThan),
    ("td_lt", Operator::TimeDiffLt),
    ("td_gt", Operator::TimeDiffGt),
    ("in", Operator::Inside),
    ("nin", Operator::NInside),
];

/// The operator that compares each item of a list with criteria of its own.
pub(crate) const SEARCH: &str = "search";

/// The names that a criterion's `type` may have, for whoever checks rules before they run.
#[must_use]
pub fn operator_names() -> Vec<&'static str> {
    NAMES
        .iter()
        .map(|(name, _)| *name)
        .chain([SEARCH])
        .collect()
}

impl Operator {
    /// The operator of this name, in whatever case.
    pub(crate) fn named(name: &str) -> Result<Self, CriteriaError> {
        let lower = name.to_lowercase();
        match NAMES.iter().find(|(known, _)| *known == lower) {
            Some((_, operator)) => Ok(*operator),
            None => Err(CriteriaError::UnknownOperator {
                operator: name.to_owned(),
                suggestion: diagnostic::nearest(name, operator_names()),
            }),
        }
    }

    fn name(self) -> &'static str {
        NAMES
            .iter()
            .find(|(_, operator)| *operator == self)
            .map_or("", |(name, _)| name)
    }
}

/// A pattern with what can be prepared of it.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) pattern: Value,
    matcher: Matcher,
}

#[derive(Debug, Clone)]
enum Matcher {
    None,
    Regex(Result<Regex, String>),
    Wildcard(Wildcard),
}

impl Prepared {
    /// Compiles what `operator` needs. What is wrong with the pattern is said when it is used.
    pub(crate) fn new(operator: Operator, pattern: Value) -> Self {
        let matcher = match (&pattern, flags(operator)) {
            (Value::String(text), Some(flags)) => {
                Matcher::Regex(Regex::new(text, flags).map_err(|error| error.message))
            }
            (Value::String(text), None) if operator == Operator::MatchWildcard => {
                Matcher::Wildcard(Wildcard::new(text))
            }
            _ => Matcher::None,
        };
        Self { pattern, matcher }
    }
}

/// How an operator reads its pattern, if that is a regular expression.
fn flags(operator: Operator) -> Option<Flags> {
    match operator {
        Operator::MatchRegex => Some(Flags {
            dot_all: true,
            ..Flags::default()
        }),
        Operator::Regex => Some(Flags::default()),
        Operator::IRegex => Some(Flags {
            ignore_case: true,
            ..Flags::default()
        }),
        _ => None,
    }
}

/// Whether `value` meets the operator's demand.
pub(crate) fn holds(
    operator: Operator,
    value: &Value,
    prepared: &Prepared,
    now: DateTime<Utc>,
) -> Result<bool, CriteriaError> {
    use Operator as Op;
    let pattern = &prepared.pattern;
    match operator {
        Op::Exists => return Ok(!value.is_null()),
        Op::NExists => return Ok(value.is_null()),
        Op::NEquals => return Ok(!compare::equal(value, pattern)),
        _ if pattern.is_null() => return Ok(false),
        _ => {}
    }
    let types = || {
        Err(CriteriaError::Types {
            operator: operator.name(),
            value: kind(value),
            pattern: kind(pattern),
        })
    };
    match operator {
        Op::Equals => Ok(compare::equal(value, pattern)),
        Op::LessThan => {
            compare::order(value, pattern).map_or_else(types, |order| Ok(order == Ordering::Less))
        }
        Op::GreaterThan => compare::order(value, pattern)
            .map_or_else(types, |order| Ok(order == Ordering::Greater)),
        Op::Contains => member(pattern, value).map_or_else(types, Ok),
        Op::NContains => member(pattern, value).map_or_else(types, |found| Ok(!found)),
        Op::Inside => member(value, pattern).map_or_else(types, Ok),
        Op::NInside => member(value, pattern).map_or_else(types, |found| Ok(!found)),
        Op::TimeDiffLt => time_difference(value, pattern, now).map(|(age, limit)| age < limit),
        Op::TimeDiffGt => time_difference(value, pattern, now).map(|(age, limit)| age > limit),
        _ => match (value, pattern) {
            (Value::String(value), Value::String(pattern)) => {
                texts(operator, value, pattern, &prepared.matcher)
            }
            _ => match &prepared.matcher {
                Matcher::Regex(Err(problem)) => Err(CriteriaError::Regex(problem.clone())),
                _ => types(),
            },
        },
    }
}

fn texts(
    operator: Operator,
    value: &str,
    pattern: &str,
    matcher: &Matcher,
) -> Result<bool, CriteriaError> {
    use Operator as Op;
    let lower = || (value.to_lowercase(), pattern.to_lowercase());
    Ok(match operator {
        Op::IEquals if value.is_ascii() && pattern.is_ascii() => {
            value.eq_ignore_ascii_case(pattern)
        }
        Op::IEquals => {
            let (value, pattern) = lower();
            value == pattern
        }
        Op::IContains | Op::INContains => {
            let (value, pattern) = lower();
            value.contains(&pattern) == (operator == Op::IContains)
        }
        Op::StartsWith => value.starts_with(pattern),
        Op::EndsWith => value.ends_with(pattern),
        Op::IStartsWith => {
            let (value, pattern) = lower();
            value.starts_with(&pattern)
        }
        Op::IEndsWith => {
            let (value, pattern) = lower();
            value.ends_with(&pattern)
        }
        _ => {
            return match matcher {
                Matcher::Regex(Ok(regex)) => matches(regex, operator, value),
                Matcher::Regex(Err(problem)) => Err(CriteriaError::Regex(problem.clone())),
                Matcher::Wildcard(wildcard) => Ok(wildcard.matches(value)),
                Matcher::None => Ok(false),
            };
        }
    })
}

fn matches(regex: &Regex, operator: Operator, value: &str) -> Result<bool, CriteriaError> {
    let answer = if operator == Operator::MatchRegex {
        regex.is_match_at_start(value)
    } else {
        regex.is_match(value)
    };
    answer.map_err(|error| match error.class {
        Class::Limit => CriteriaError::Runaway,
        _ => CriteriaError::Regex(error.message),
    })
}

/// Python's `needle in haystack`; `None` where that is a `TypeError`.
fn member(needle: &Value, haystack: &Value) -> Option<bool> {
    match (needle, haystack) {
        (Value::String(needle), Value::String(text)) => Some(text.contains(needle.as_str())),
        (_, Value::Array(items)) => Some(items.iter().any(|item| compare::equal(item, needle))),
        (Value::String(key), Value::Object(members)) => Some(members.contains_key(key)),
        (Value::Array(_) | Value::Object(_), Value::Object(_)) => None,
        (_, Value::Object(_)) => Some(false),
        _ => None,
    }
}

/// Seconds from `value` to `now`, and the pattern as seconds.
fn time_difference(
    value: &Value,
    pattern: &Value,
    now: DateTime<Utc>,
) -> Result<(f64, f64), CriteriaError> {
    let time = datetime::parse(&expr::python::str(value), &now.fixed_offset())
        .map_err(|_| CriteriaError::Time(shown(value)))?;
    let limit = number::to_float(&pyvalue::Value::from_json(pattern))
        .map_err(|_| CriteriaError::Seconds(shown(pattern)))?;
    let age = now.signed_duration_since(time);
    #[expect(clippy::cast_precision_loss, reason = "microseconds of centuries fit")]
    let age = age
        .num_microseconds()
        .map_or(f64::INFINITY, |micros| micros as f64 / 1_000_000.0);
    Ok((age, limit))
}

/// A value for a message: short, on one line.
pub(crate) fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => short(text),
        other => short(&other.to_string()),
    }
}

fn short(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// What a value is, in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ask(operator: &str, value: &Value, pattern: &Value) -> Result<bool, String> {
        let operator = Operator::named(operator).map_err(|error| error.to_string())?;
        let now = "2024-06-15T12:00:00Z".parse().unwrap();
        holds(
            operator,
            value,
            &Prepared::new(operator, pattern.clone()),
            now,
        )
        .map_err(|error| error.to_string())
    }

    #[test]
    fn a_null_pattern_matches_nothing() {
        for name in [
            "equals",
            "contains",
            "ncontains",
            "regex",
            "lt",
            "timediff_lt",
            "in",
            "nin",
            "matchwildcard",
        ] {
            assert_eq!(ask(name, &json!(null), &json!(null)), Ok(false), "{name}");
        }
        assert_eq!(ask("nequals", &json!("a"), &json!(null)), Ok(true));
        assert_eq!(ask("nexists", &json!(null), &json!(null)), Ok(true));
    }

    #[test]
    fn says_what_it_cannot_compare() {
        assert_eq!(
            ask("lt", &json!(1), &json!("2")),
            Err("`lessthan` cannot compare a number with a text".into())
        );
        assert_eq!(
            ask("regex", &json!(null), &json!("a")),
            Err("`regex` cannot compare null with a text".into())
        );
        assert_eq!(
            ask("ncontains", &json!(5), &json!("5")),
            Err("`ncontains` cannot compare a number with a text".into())
        );
    }

    #[test]
    fn suggests_an_operator_that_looks_like_an_unknown_one() {
        assert_eq!(
            ask("starts_with", &json!("a"), &json!("a")),
            Err("the operator `starts_with` does not exist; did you mean `startswith`?".into())
        );
        assert_eq!(
            ask("equal", &json!("a"), &json!("a")),
            Err("the operator `equal` does not exist; did you mean `equals`?".into())
        );
        assert_eq!(
            ask("==", &json!("a"), &json!("a")),
            Err("the operator `==` does not exist".into())
        );
    }

    #[test]
    fn membership_is_substring_item_or_key() {
        assert_eq!(ask("contains", &json!("abc"), &json!("b")), Ok(true));
        assert_eq!(ask("contains", &json!([1, true]), &json!(1.0)), Ok(true));
        assert_eq!(ask("inside", &json!("a"), &json!({ "a": 1 })), Ok(true));
        assert!(ask("inside", &json!(["a"]), &json!({ "a": 1 })).is_err());
    }

    #[test]
    fn patterns_are_those_of_python() {
        for (operator, value, pattern, expected) in [
            ("regex", "x\u{e9}", "(?a)^\\w+$", false),
            ("regex", "x\u{e9}\n", "^\\w+$", true),
            ("matchregex", "a\nb", "a.b", true),
            ("matchregex", "xa", "a", false),
            ("iregex", "xA", "a", true),
        ] {
            assert_eq!(
                ask(operator, &json!(value), &json!(pattern)),
                Ok(expected),
                "{operator} {pattern}"
            );
        }
        assert!(
            ask("regex", &json!("a"), &json!("("))
                .unwrap_err()
                .starts_with("the pattern is not a regular expression: ")
        );
        assert!(ask("regex", &json!("a".repeat(5000)), &json!("(?=(a+)+b)\\1")).is_err());
    }

    #[test]
    fn a_time_is_compared_with_now() {
        assert_eq!(
            ask("timediff_lt", &json!("2024-06-15T11:59:50Z"), &json!("11")),
            Ok(true)
        );
        assert_eq!(
            ask("td_gt", &json!("2024-06-15T11:59:50Z"), &json!(9.5)),
            Ok(true)
        );
        assert_eq!(
            ask("td_gt", &json!("soon"), &json!(1)),
            Err("`soon` is not a point in time".into())
        );
        assert_eq!(
            ask("td_gt", &json!("2024-06-15"), &json!("x")),
            Err("`x` is not a number of seconds".into())
        );
    }
}
