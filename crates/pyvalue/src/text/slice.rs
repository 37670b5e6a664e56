//! Characters of a text by their position.

use crate::{Class, Error};

/// `len(text)`.
#[must_use]
pub fn length(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().count()
    }
}

/// `text[index]`; a negative index counts from the end.
pub fn character(text: &str, index: i64) -> Result<String, Error> {
    let found = usize::try_from(index).map_or_else(
        |_| {
            let back = usize::try_from(index.unsigned_abs() - 1).ok()?;
            text.chars().nth_back(back)
        },
        |index| text.chars().nth(index),
    );
    found
        .map(String::from)
        .ok_or_else(|| Error::new(Class::Index, "string index out of range"))
}

/// Positions that `sequence[start:stop:step]` takes from a sequence of that length, in order: the first, how many,
/// and the distance.
pub fn resolve_slice(
    length: usize,
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
) -> Result<(usize, usize, i64), Error> {
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::value_error("slice step cannot be zero"));
    }
    let size = i64::try_from(length).unwrap_or(i64::MAX);
    let (lowest, highest) = if step < 0 { (-1, size - 1) } else { (0, size) };
    let place = |bound: i64| {
        let bound = if bound < 0 {
            bound.saturating_add(size)
        } else {
            bound
        };
        bound.clamp(lowest, highest)
    };
    let (first, last) = if step < 0 {
        (highest, lowest)
    } else {
        (lowest, highest)
    };
    let start = start.map_or(first, place);
    let end = end.map_or(last, place);
    let distance = if step < 0 { start - end } else { end - start };
    let count = if distance <= 0 {
        0
    } else {
        (distance - 1).unsigned_abs() / step.unsigned_abs() + 1
    };
    Ok((
        usize::try_from(start).unwrap_or(0),
        usize::try_from(count).unwrap_or(usize::MAX),
        step,
    ))
}

/// `text[start:stop:step]`.
pub fn slice(
    text: &str,
    start: Option<i64>,
    end: Option<i64>,
    step: Option<i64>,
) -> Result<String, Error> {
    let (first, count, step) = resolve_slice(length(text), start, end, step)?;
    let distance = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    if count == 0 {
        return Ok(String::new());
    }
    if step > 0 {
        return Ok(text
            .chars()
            .skip(first)
            .step_by(distance)
            .take(count)
            .collect());
    }
    let skipped = length(text) - 1 - first;
    Ok(text
        .chars()
        .rev()
        .skip(skipped)
        .step_by(distance)
        .take(count)
        .collect())
}
