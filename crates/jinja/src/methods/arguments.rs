//! Arguments of methods, with Python's complaints about what does not fit.

use std::sync::Arc;

use pyvalue::{BigInt, Value, number};

use crate::objects::Markup;
use crate::{Call, Error};

/// The text of a text, marked or not.
pub(crate) fn text_of(value: &Value) -> Option<&Arc<str>> {
    match value {
        Value::Str(text) => Some(text),
        other => Markup::of(other),
    }
}

/// A text argument.
pub(super) fn text<'c>(call: &Call<'c>, index: usize) -> Result<&'c Arc<str>, Error> {
    let value = call.arg(index);
    text_of(value).ok_or_else(|| {
        Error::type_error(format!(
            "{}() argument {index} must be str, not {}",
            call.name(),
            value.type_name()
        ))
    })
}

/// A text argument that may be `None`.
pub(crate) fn maybe_text<'c>(call: &Call<'c>, index: usize) -> Result<Option<&'c str>, Error> {
    match call.arg(index) {
        Value::None => Ok(None),
        _ => text(call, index).map(|text| Some(&**text)),
    }
}

/// An integer argument, where only integers do: an undefined is a wrong type here.
pub(crate) fn integer(call: &Call<'_>, index: usize) -> Result<i64, Error> {
    as_index(call.arg(index))
}

/// An integer of Python's; larger ones than 64 bits stop at the end.
pub(crate) fn as_index(value: &Value) -> Result<i64, Error> {
    match number::as_big(value) {
        Some(number) => {
            let end = if number < BigInt::default() {
                i64::MIN
            } else {
                i64::MAX
            };
            Ok(i64::try_from(number).unwrap_or(end))
        }
        None => Err(Error::type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            value.type_name()
        ))),
    }
}

/// An end of a slice: an integer, or `None`.
pub(super) fn position(call: &Call<'_>, index: usize) -> Result<Option<i64>, Error> {
    match call.arg(index) {
        Value::None => Ok(None),
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => call.integer(index).map(Some),
        _ => Err(Error::type_error(
            "slice indices must be integers or None or have an __index__ method",
        )),
    }
}

/// The receiver's text.
pub(super) fn receiver<'c>(call: &Call<'c>) -> &'c str {
    text_of(call.arg(0)).map_or("", |text| text)
}

/// A single character.
pub(super) fn fill(call: &Call<'_>, index: usize) -> Result<char, Error> {
    let text = text(call, index)?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(Error::type_error(
            "the fill character must be exactly one character long",
        )),
    }
}

/// A length or position as a number of Python's.
pub(crate) fn count(length: usize) -> Value {
    Value::Int(i64::try_from(length).unwrap_or(i64::MAX))
}
