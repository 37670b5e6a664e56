//! `str.format` and `str.format_map`, under the rules of the sandbox.

use std::borrow::Cow;

use diagnostic::Kind;
use pyvalue::format::{Lookup, str_format};
use pyvalue::{Class, Dict, Value};

use super::arguments::receiver;
use crate::objects::Markup;
use crate::{Call, Error, Run, Undefined, filters};

/// Looks into values as a template does.
struct Sandbox<'r>(&'r Run<'r>);

impl Lookup for Sandbox<'_> {
    fn attribute(&self, value: &Value, name: &str) -> Result<Value, pyvalue::Error> {
        usable(self.0.attribute(value, name))
    }

    fn item(&self, value: &Value, key: &Value) -> Result<Value, pyvalue::Error> {
        usable(self.0.item(value, key))
    }
}

/// What was found; a refusal of the sandbox stays one.
fn usable(found: Result<Value, Error>) -> Result<Value, pyvalue::Error> {
    let found = found.map_err(|error| as_python(&error))?;
    match Undefined::of(&found) {
        Some(undefined) if undefined.is_strict() => Err(as_python(&undefined.error())),
        _ => Ok(found),
    }
}

fn as_python(error: &Error) -> pyvalue::Error {
    let class = match error.kind() {
        Kind::Type => Class::Type,
        Kind::Undefined => Class::Undefined,
        Kind::Limit => Class::Limit,
        Kind::Parse | Kind::UnknownFunction | Kind::Other => Class::Value,
    };
    pyvalue::Error::new(class, error.diagnostic().message.clone())
}

pub(super) fn format(call: &Call<'_>) -> Result<Value, Error> {
    let none = Dict::default();
    let named = call.arg(2).as_dict().unwrap_or(&none);
    filled(call, call.arg(1).as_items().unwrap_or_default(), named)
}

pub(super) fn format_map(call: &Call<'_>) -> Result<Value, Error> {
    match call.arg(1) {
        Value::Dict(named) => filled(call, &[], named),
        other => {
            call.run().check_defined(other)?;
            Err(Error::type_error(format!(
                "format_map() needs a dictionary, not '{}'",
                other.type_name()
            )))
        }
    }
}

/// A marked template escapes what it is filled with.
fn filled(call: &Call<'_>, positional: &[Value], named: &Dict) -> Result<Value, Error> {
    let template = receiver(call);
    let is_marked = Markup::of(call.arg(0)).is_some();
    for value in positional.iter().chain(named.values()) {
        call.run().charge_text(value)?;
    }
    let (positional, named) = if is_marked {
        let escaped = |value: &Value| escaped(value, template, call.run());
        let positional = positional
            .iter()
            .map(escaped)
            .collect::<Result<Vec<_>, _>>()?;
        let named = named
            .iter()
            .map(|(name, value)| Ok((name.clone(), escaped(value)?)))
            .collect::<Result<Dict, Error>>()?;
        (Cow::Owned(positional), Cow::Owned(named))
    } else {
        (Cow::Borrowed(positional), Cow::Borrowed(named))
    };
    let text = str_format(
        template,
        &positional,
        &named,
        &Sandbox(call.run()),
        call.budget(),
    )?;
    Ok(if is_marked {
        Markup::value(text)
    } else {
        text.into()
    })
}

/// An argument of a marked template: texts escaped, and what is not looked into as escaped text.
fn escaped(value: &Value, template: &str, run: &Run<'_>) -> Result<Value, Error> {
    let text = match value {
        Value::Bool(_) | Value::Int(_) | Value::Big(_) | Value::Float(_) => {
            return Ok(value.clone());
        }
        _ if Markup::of(value).is_some() => return Ok(super::text::unmarked(value)),
        Value::Str(text) => text.clone(),
        other if template.contains(['.', '[']) => return Ok(other.clone()),
        other => run.text(other)?,
    };
    Ok(filters::escape(&text, run.budget())?.into())
}
