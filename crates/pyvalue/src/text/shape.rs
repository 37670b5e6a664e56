//! Padding, replacing, joining, translating.

use crate::{Budget, Error, Value};

/// `text.center(width, fill)`.
pub fn center(text: &str, width: i64, fill: char, budget: &Budget) -> Result<String, Error> {
    let missing = missing(text, width);
    // Where it cannot be the same on both sides, Python looks at the width.
    let left = missing / 2 + (missing & usize::try_from(width).unwrap_or(0) & 1);
    pad(text, left, missing - left, fill, budget)
}

/// `text.ljust(width, fill)`.
pub fn ljust(text: &str, width: i64, fill: char, budget: &Budget) -> Result<String, Error> {
    pad(text, 0, missing(text, width), fill, budget)
}

/// `text.rjust(width, fill)`.
pub fn rjust(text: &str, width: i64, fill: char, budget: &Budget) -> Result<String, Error> {
    pad(text, missing(text, width), 0, fill, budget)
}

/// `text.zfill(width)`: zeros, behind a sign.
pub fn zfill(text: &str, width: i64, budget: &Budget) -> Result<String, Error> {
    let sign = usize::from(text.starts_with(['+', '-']));
    let (sign, digits) = text.split_at(sign);
    let mut filled = pad("", missing(text, width), 0, '0', budget)?;
    filled.insert_str(0, sign);
    filled.push_str(digits);
    Ok(filled)
}

fn missing(text: &str, width: i64) -> usize {
    usize::try_from(width)
        .unwrap_or(0)
        .saturating_sub(super::length(text))
}

fn pad(
    text: &str,
    left: usize,
    right: usize,
    fill: char,
    budget: &Budget,
) -> Result<String, Error> {
    let size = left
        .saturating_add(right)
        .saturating_mul(fill.len_utf8())
        .saturating_add(text.len());
    budget.charge(size)?;
    let mut padded = String::with_capacity(size);
    padded.extend(std::iter::repeat_n(fill, left));
    padded.push_str(text);
    padded.extend(std::iter::repeat_n(fill, right));
    Ok(padded)
}

/// `text.expandtabs(size)`.
pub fn expand_tabs(text: &str, size: i64, budget: &Budget) -> Result<String, Error> {
    let size = usize::try_from(size).unwrap_or(0);
    budget.charge(text.len())?;
    let mut expanded = String::with_capacity(text.len());
    let mut column = 0;
    for character in text.chars() {
        match character {
            '\t' if size > 0 => {
                let blanks = size - column % size;
                budget.charge(blanks)?;
                expanded.extend(std::iter::repeat_n(' ', blanks));
                column += blanks;
            }
            '\t' => {}
            other => {
                expanded.push(other);
                column = if matches!(other, '\n' | '\r') {
                    0
                } else {
                    column + 1
                };
            }
        }
    }
    Ok(expanded)
}

/// `text.replace(old, new, count)`: all where `count` is negative.
pub fn replace(
    text: &str,
    old: &str,
    new: &str,
    count: i64,
    budget: &Budget,
) -> Result<String, Error> {
    let limit = usize::try_from(count).unwrap_or(usize::MAX);
    let found = text.matches(old).take(limit).count();
    budget.steps(found as u64)?;
    budget.charge(found.saturating_mul(new.len()).saturating_add(text.len()))?;
    Ok(text.replacen(old, new, limit))
}

/// `text.removeprefix(prefix)`.
#[must_use]
pub fn remove_prefix<'t>(text: &'t str, prefix: &str) -> &'t str {
    text.strip_prefix(prefix).unwrap_or(text)
}

/// `text.removesuffix(suffix)`.
#[must_use]
pub fn remove_suffix<'t>(text: &'t str, suffix: &str) -> &'t str {
    text.strip_suffix(suffix).unwrap_or(text)
}

/// `separator.join(items)`: items must be texts.
pub fn join(separator: &str, items: &[Value], budget: &Budget) -> Result<String, Error> {
    let mut size = separator.len().saturating_mul(items.len());
    for (index, item) in items.iter().enumerate() {
        let Value::Str(text) = item else {
            return Err(Error::type_error(format!(
                "sequence item {index}: expected str instance, {} found",
                item.type_name()
            )));
        };
        size = size.saturating_add(text.len());
    }
    budget.charge(size)?;
    let mut joined = String::with_capacity(size);
    for (index, text) in items.iter().filter_map(Value::as_str).enumerate() {
        if index > 0 {
            joined.push_str(separator);
        }
        joined.push_str(text);
    }
    Ok(joined)
}

/// `text.translate(table)`: a dictionary of code points to texts, code points or `None`; or a list of these.
pub fn translate(text: &str, table: &Value, budget: &Budget) -> Result<String, Error> {
    budget.charge(text.len())?;
    let mut translated = String::with_capacity(text.len());
    for character in text.chars() {
        let code = i64::from(u32::from(character));
        let replacement = match table {
            Value::Dict(dict) => dict.get_value(&Value::Int(code)),
            Value::List(items) | Value::Tuple(items) => {
                usize::try_from(code).ok().and_then(|code| items.get(code))
            }
            other => {
                return Err(Error::type_error(format!(
                    "'{}' object is not subscriptable",
                    other.type_name()
                )));
            }
        };
        match replacement {
            None => translated.push(character),
            Some(Value::None) => {}
            Some(Value::Str(text)) => {
                budget.charge(text.len())?;
                translated.push_str(text);
            }
            Some(Value::Int(code)) => {
                let character = u32::try_from(*code).ok().and_then(char::from_u32);
                translated.push(character.ok_or_else(|| {
                    Error::value_error("character mapping must be in range(0x110000)")
                })?);
            }
            Some(_) => {
                return Err(Error::type_error(
                    "character mapping must return integer, None or str",
                ));
            }
        }
    }
    Ok(translated)
}
