//! Padding, replacing, joining, encoding.

use std::sync::Arc;

use crate::{Budget, Error, Value};

/// How texts become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `utf-8`.
    Utf8,
    /// `ascii`.
    Ascii,
    /// `latin-1`.
    Latin1,
}

impl Encoding {
    /// By one of the names Python knows it by; `LookupError` otherwise.
    pub fn named(name: &str) -> Result<Self, Error> {
        match name {
            "utf-8" => Ok(Self::Utf8),
            "ascii" => Ok(Self::Ascii),
            "latin-1" => Ok(Self::Latin1),
            other => Err(Error::value_error(format!("unknown encoding: {other}"))),
        }
    }
}

/// `text.center(width, fill)`.
pub fn center(text: &str, width: i64, fill: char, budget: &Budget) -> Result<String, Error> {
    let _ = (width, fill, budget);
    Ok(text.to_owned())
}

/// `text.ljust(width, fill)`.
pub fn ljust(text: &str, width: i64, fill: char, budget: &Budget) -> Result<String, Error> {
    let _ = (width, fill, budget);
    Ok(text.to_owned())
}

/// `text.rjust(width, fill)`.
pub fn rjust(text: &str, width: i64, fill: char, budget: &Budget) -> Result<String, Error> {
    let _ = (width, fill, budget);
    Ok(text.to_owned())
}

/// `text.zfill(width)`.
pub fn zfill(text: &str, width: i64, budget: &Budget) -> Result<String, Error> {
    let _ = (width, budget);
    Ok(text.to_owned())
}

/// `text.expandtabs(size)`.
pub fn expand_tabs(text: &str, size: i64, budget: &Budget) -> Result<String, Error> {
    let _ = (size, budget);
    Ok(text.to_owned())
}

/// `text.replace(old, new, count)`: all where `count` is negative.
pub fn replace(
    text: &str,
    old: &str,
    new: &str,
    count: i64,
    budget: &Budget,
) -> Result<String, Error> {
    let _ = (count, budget);
    Ok(text.replace(old, new))
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
    let _ = budget;
    Ok(items
        .iter()
        .filter_map(Value::as_str)
        .collect::<Vec<_>>()
        .join(separator))
}

/// `text.translate(table)`: a dictionary of code points to texts, code points or `None`.
pub fn translate(text: &str, table: &Value, budget: &Budget) -> Result<String, Error> {
    let _ = (table, budget);
    Ok(text.to_owned())
}

/// `text.encode(encoding, errors)`; `errors` is `strict`, `ignore`, `replace`, `xmlcharrefreplace` or
/// `backslashreplace`.
pub fn encode(text: &str, encoding: Encoding, errors: &str) -> Result<Arc<[u8]>, Error> {
    let _ = (encoding, errors);
    Ok(text.as_bytes().into())
}

/// `bytes.decode(encoding, errors)`; `errors` is `strict`, `ignore`, `replace` or `backslashreplace`.
pub fn decode(bytes: &[u8], encoding: Encoding, errors: &str) -> Result<String, Error> {
    let _ = (encoding, errors);
    Ok(String::from_utf8_lossy(bytes).into_owned())
}
