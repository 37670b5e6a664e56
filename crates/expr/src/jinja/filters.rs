//! Filters: StackStorm's own, and those of Jinja2 in which minijinja differs.

mod builtin;
mod json;
mod method;
mod pattern;
mod sequence;
mod text;
mod version;
mod yaml_text;

use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, Value};

pub(super) use method::call as method;

use super::python_text;

/// Stands for null in texts until a parameter's cast turns it back.
pub(crate) const NONE_MAGIC_VALUE: &str = "%*****__%NONE%__*****%";

/// Adds all filters, tests and methods.
pub(super) fn add_to(environment: &mut Environment<'static>) {
    builtin::add_to(environment);
    json::add_to(environment);
    pattern::add_to(environment);
    sequence::add_to(environment);
    text::add_to(environment);
    version::add_to(environment);
}

/// An argument that may be given by position or by name.
fn argument<'a, T>(given: Option<T>, kwargs: &'a Kwargs, name: &'a str) -> Result<Option<T>, Error>
where
    Option<T>: minijinja::value::ArgType<'a, Output = Option<T>>,
{
    if given.is_some() {
        Ok(given)
    } else {
        kwargs.get::<Option<T>>(name)
    }
}

/// Arguments of the wrong type.
fn wrong_type(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, message.into())
}

/// Arguments of the right type that make no sense.
fn wrong_value(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::CannotDeserialize, message.into())
}

/// The Python text of a value, as filters take it that work on texts.
fn text_of(value: &Value) -> Result<String, Error> {
    if value.is_undefined() {
        Err(Error::from(ErrorKind::UndefinedError))
    } else {
        Ok(python_text::text(value))
    }
}
