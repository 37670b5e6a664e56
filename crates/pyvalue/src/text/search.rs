//! Where a text stands within another. `start` and `end` are positions as in a slice.

use std::ops::Range;

use crate::{Error, Value};

/// The bytes between two positions, as a slice bounds them; none where the start lies beyond the text.
fn bounds(text: &str, start: Option<i64>, end: Option<i64>) -> Option<Range<usize>> {
    if start.is_none() && end.is_none() {
        return Some(0..text.len());
    }
    let length = i64::try_from(super::length(text)).unwrap_or(i64::MAX);
    let place = |bound: i64| {
        if bound < 0 {
            bound.saturating_add(length).max(0)
        } else {
            bound
        }
    };
    let start = place(start.unwrap_or(0));
    let end = place(end.unwrap_or(length)).min(length);
    if start > end {
        return None;
    }
    Some(byte_of(text, start)..byte_of(text, end))
}

/// The byte where a character begins.
fn byte_of(text: &str, position: i64) -> usize {
    let position = usize::try_from(position).unwrap_or(usize::MAX);
    if text.is_ascii() {
        return position.min(text.len());
    }
    text.char_indices()
        .nth(position)
        .map_or(text.len(), |(byte, _)| byte)
}

fn position_of(text: &str, byte: usize) -> i64 {
    i64::try_from(super::length(&text[..byte])).unwrap_or(i64::MAX)
}

/// `text.find(sub, start, end)`; none where Python gives -1.
#[must_use]
pub fn find(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Option<i64> {
    let range = bounds(text, start, end)?;
    let found = text[range.clone()].find(sub)?;
    Some(position_of(text, range.start + found))
}

/// `text.rfind(sub, start, end)`; none where Python gives -1.
#[must_use]
pub fn rfind(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Option<i64> {
    let range = bounds(text, start, end)?;
    let found = text[range.clone()].rfind(sub)?;
    Some(position_of(text, range.start + found))
}

/// `text.index(sub, start, end)`.
pub fn index(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Error> {
    find(text, sub, start, end).ok_or_else(|| Error::value_error("substring not found"))
}

/// `text.rindex(sub, start, end)`.
pub fn rindex(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> Result<i64, Error> {
    rfind(text, sub, start, end).ok_or_else(|| Error::value_error("substring not found"))
}

/// `text.count(sub, start, end)`: occurrences that do not overlap; an empty text stands between all characters.
#[must_use]
pub fn count(text: &str, sub: &str, start: Option<i64>, end: Option<i64>) -> i64 {
    let found = bounds(text, start, end).map_or(0, |range| text[range].matches(sub).count());
    i64::try_from(found).unwrap_or(i64::MAX)
}

/// `text.startswith(prefix, start, end)`: a text, or a tuple of texts.
pub fn starts_with(
    text: &str,
    prefix: &Value,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<bool, Error> {
    let within = bounds(text, start, end).map(|range| &text[range]);
    any_of("startswith", prefix, |prefix| {
        within.is_some_and(|text| text.starts_with(prefix))
    })
}

/// `text.endswith(suffix, start, end)`: a text, or a tuple of texts.
pub fn ends_with(
    text: &str,
    suffix: &Value,
    start: Option<i64>,
    end: Option<i64>,
) -> Result<bool, Error> {
    let within = bounds(text, start, end).map(|range| &text[range]);
    any_of("endswith", suffix, |suffix| {
        within.is_some_and(|text| text.ends_with(suffix))
    })
}

fn any_of(method: &str, sought: &Value, is_there: impl Fn(&str) -> bool) -> Result<bool, Error> {
    match sought {
        Value::Str(text) => Ok(is_there(text)),
        Value::Tuple(texts) => {
            for text in texts {
                let Value::Str(text) = text else {
                    return Err(Error::type_error(format!(
                        "tuple for {method} must only contain str, not {}",
                        text.type_name()
                    )));
                };
                if is_there(text) {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        other => Err(Error::type_error(format!(
            "{method} first arg must be str or a tuple of str, not {}",
            other.type_name()
        ))),
    }
}
