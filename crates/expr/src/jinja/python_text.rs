//! Python's `str()` and `repr()` of template values, and their JSON.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, State, UndefinedBehavior, Value};
use serde_json::Value as Json;

use super::context::{Key, Node};
use crate::python;

/// What is printed for a value.
pub(super) fn text(value: &Value) -> String {
    match value.kind() {
        ValueKind::String => value.as_str().unwrap_or_default().to_owned(),
        ValueKind::Undefined => String::new(),
        ValueKind::Plain => value.to_string(),
        _ => {
            let mut out = String::new();
            write_repr(value, &mut out);
            out
        }
    }
}

/// What is printed for a value, where an undefined one may not be printed.
pub(super) fn checked_text(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    if value.is_undefined() && state.undefined_behavior() == UndefinedBehavior::Strict {
        // The branch of an inline `if` without `else` prints nothing; others never come here.
        return Ok(String::new());
    }
    if value.kind() == ValueKind::Invalid {
        return Err(Error::new(ErrorKind::InvalidOperation, value.to_string()));
    }
    if let Some(key) = value
        .downcast_object_ref::<Key>()
        .filter(|key| key.is_scope())
    {
        return Err(Error::new(
            ErrorKind::CannotDeserialize,
            format!("`st2kv.{}` is no item: name one", key.scope_name()),
        ));
    }
    Ok(text(value))
}

/// Appends Python's `repr()` of a value.
pub(super) fn write_repr(value: &Value, out: &mut String) {
    if let Some(node) = value.downcast_object_ref::<Node>() {
        return python::write_repr(node.json(), out);
    }
    match value.kind() {
        ValueKind::Undefined => out.push_str("Undefined"),
        ValueKind::None => out.push_str("None"),
        ValueKind::Number if !value.is_integer() => {
            out.push_str(
                &f64::try_from(value.clone())
                    .map_or_else(|_| value.to_string(), python::float_text),
            );
        }
        ValueKind::String => python::write_quoted(value.as_str().unwrap_or_default(), out),
        ValueKind::Seq => write_sequence(value, out),
        ValueKind::Map => write_map(value, out),
        ValueKind::Bool
        | ValueKind::Number
        | ValueKind::Bytes
        | ValueKind::Iterable
        | ValueKind::Plain
        | ValueKind::Invalid => {
            out.push_str(&value.to_string());
        }
        _ => out.push_str(&value.to_string()),
    }
}

fn write_sequence(value: &Value, out: &mut String) {
    let (open, close) = if value.is_tuple() {
        ('(', ')')
    } else {
        ('[', ']')
    };
    out.push(open);
    let mut count = 0;
    for item in value.try_iter().into_iter().flatten() {
        if count > 0 {
            out.push_str(", ");
        }
        write_repr(&item, out);
        count += 1;
    }
    if value.is_tuple() && count == 1 {
        out.push(',');
    }
    out.push(close);
}

fn write_map(value: &Value, out: &mut String) {
    out.push('{');
    for (at, key) in value.try_iter().into_iter().flatten().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        write_repr(&key, out);
        out.push_str(": ");
        write_repr(&value.get_item(&key).unwrap_or_default(), out);
    }
    out.push('}');
}

/// A value as JSON; what JSON lacks is an error.
pub(super) fn json(value: &Value) -> Result<Json, Error> {
    if let Some(node) = value.downcast_object_ref::<Node>() {
        return Ok(node.json().clone());
    }
    let refuse = |what: &str| {
        Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("{what} cannot be written as JSON"),
        ))
    };
    match value.kind() {
        ValueKind::Undefined => refuse("an undefined value"),
        ValueKind::Plain if value.downcast_object_ref::<Key>().is_some() => {
            refuse("a datastore item")
        }
        ValueKind::Plain | ValueKind::Invalid | ValueKind::Bytes => refuse("such a value"),
        ValueKind::Number if !value.is_integer() => {
            let float = f64::try_from(value.clone())?;
            Ok(serde_json::Number::from_f64(float)
                .map_or_else(|| Json::from(python::float_text(float)), Json::Number))
        }
        ValueKind::Seq | ValueKind::Iterable => value.try_iter()?.map(|item| json(&item)).collect(),
        ValueKind::Map => value
            .try_iter()?
            .map(|key| Ok((text(&key), json(&value.get_item(&key)?)?)))
            .collect::<Result<serde_json::Map<_, _>, Error>>()
            .map(Json::Object),
        _ => serde_json::to_value(value)
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string())),
    }
}
