//! Texts into parts, and without their ends.

use super::is_whitespace;
use crate::{Budget, Error, Value};

/// `text.split(separator, max)`: by whitespace without a separator; any number of splits where `max` is negative.
pub fn split(
    text: &str,
    separator: Option<&str>,
    max: i64,
    budget: &Budget,
) -> Result<Vec<Value>, Error> {
    let limit = limit(max);
    match separator {
        Some("") => Err(empty_separator()),
        Some(separator) => collect(text.splitn(limit, separator), budget),
        None => {
            let mut rest = text.trim_start_matches(is_whitespace);
            let mut left = limit;
            let parts = std::iter::from_fn(|| {
                if rest.is_empty() {
                    return None;
                }
                left -= 1;
                if left == 0 {
                    return Some(std::mem::take(&mut rest));
                }
                let end = rest.find(is_whitespace).unwrap_or(rest.len());
                let (part, after) = rest.split_at(end);
                rest = after.trim_start_matches(is_whitespace);
                Some(part)
            });
            collect(parts, budget)
        }
    }
}

/// `text.rsplit(separator, max)`.
pub fn rsplit(
    text: &str,
    separator: Option<&str>,
    max: i64,
    budget: &Budget,
) -> Result<Vec<Value>, Error> {
    let limit = limit(max);
    let mut parts = match separator {
        Some("") => return Err(empty_separator()),
        Some(separator) => collect(text.rsplitn(limit, separator), budget)?,
        None => {
            let mut rest = text.trim_end_matches(is_whitespace);
            let mut left = limit;
            let parts = std::iter::from_fn(|| {
                if rest.is_empty() {
                    return None;
                }
                left -= 1;
                if left == 0 {
                    return Some(std::mem::take(&mut rest));
                }
                let start = rest
                    .char_indices()
                    .rfind(|(_, character)| is_whitespace(*character))
                    .map_or(0, |(at, character)| at + character.len_utf8());
                let (before, part) = rest.split_at(start);
                rest = before.trim_end_matches(is_whitespace);
                Some(part)
            });
            collect(parts, budget)?
        }
    };
    parts.reverse();
    Ok(parts)
}

/// Parts at most, for that many splits at most.
fn limit(max: i64) -> usize {
    usize::try_from(max).map_or(usize::MAX, |max| max.saturating_add(1))
}

fn empty_separator() -> Error {
    Error::value_error("empty separator")
}

fn collect<'t>(parts: impl Iterator<Item = &'t str>, budget: &Budget) -> Result<Vec<Value>, Error> {
    let mut collected = Vec::new();
    for part in parts {
        budget.step()?;
        budget.charge(size_of::<Value>() + part.len())?;
        collected.push(part.into());
    }
    Ok(collected)
}

/// `text.splitlines(keep_ends)`.
pub fn split_lines(text: &str, keep_ends: bool, budget: &Budget) -> Result<Vec<Value>, Error> {
    let mut rest = text;
    let lines = std::iter::from_fn(|| {
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(is_line_end).unwrap_or(rest.len());
        let ending = if rest[end..].starts_with("\r\n") {
            2
        } else {
            rest[end..].chars().next().map_or(0, char::len_utf8)
        };
        let line = &rest[..if keep_ends { end + ending } else { end }];
        rest = &rest[end + ending..];
        Some(line)
    });
    collect(lines, budget)
}

fn is_line_end(character: char) -> bool {
    matches!(
        character,
        '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// `text.partition(separator)`: before it, itself, after it.
pub fn partition<'t>(text: &'t str, separator: &'t str) -> Result<[&'t str; 3], Error> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    Ok(match text.split_once(separator) {
        Some((before, after)) => [before, separator, after],
        None => [text, "", ""],
    })
}

/// `text.rpartition(separator)`.
pub fn rpartition<'t>(text: &'t str, separator: &'t str) -> Result<[&'t str; 3], Error> {
    if separator.is_empty() {
        return Err(empty_separator());
    }
    Ok(match text.rsplit_once(separator) {
        Some((before, after)) => [before, separator, after],
        None => ["", "", text],
    })
}

fn is_stripped(characters: Option<&str>) -> impl Fn(char) -> bool {
    move |character| match characters {
        Some(characters) => characters.contains(character),
        None => is_whitespace(character),
    }
}

/// `text.strip(characters)`: of whitespace where there are none given.
#[must_use]
pub fn strip<'t>(text: &'t str, characters: Option<&str>) -> &'t str {
    lstrip(rstrip(text, characters), characters)
}

/// `text.lstrip(characters)`.
#[must_use]
pub fn lstrip<'t>(text: &'t str, characters: Option<&str>) -> &'t str {
    text.trim_start_matches(is_stripped(characters))
}

/// `text.rstrip(characters)`.
#[must_use]
pub fn rstrip<'t>(text: &'t str, characters: Option<&str>) -> &'t str {
    text.trim_end_matches(is_stripped(characters))
}
