//! Values into texts by a template: `%`, `str.format`, and the format specifications of Python's types.

use crate::{Budget, Dict, Error, Value};

/// What `{0.name}` and `{0[key]}` find: the caller knows what of a value may be seen.
pub trait Lookup {
    /// The attribute `.name`.
    fn attribute(&self, value: &Value, name: &str) -> Result<Value, Error>;
    /// The item `[key]`: a key of digits only comes as an integer.
    fn item(&self, value: &Value, key: &Value) -> Result<Value, Error>;
}

fn pending() -> Error {
    Error::value_error("not yet")
}

/// `template % arguments`.
pub fn percent(_template: &str, _arguments: &Value, _budget: &Budget) -> Result<String, Error> {
    Err(pending())
}

/// `format(value, spec)`.
pub fn format_spec(_value: &Value, _spec: &str, _budget: &Budget) -> Result<String, Error> {
    Err(pending())
}

/// `template.format(*positional, **named)`.
pub fn str_format(
    _template: &str,
    _positional: &[Value],
    _named: &Dict,
    _lookup: &dyn Lookup,
    _budget: &Budget,
) -> Result<String, Error> {
    Err(pending())
}

/// `round(number, digits)`: exact, ties to even. Infinities, NaN and what is too large for the digits stay as they are.
#[must_use]
pub fn round_half_even(number: f64, _digits: i64) -> f64 {
    number
}
