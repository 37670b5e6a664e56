//! Converts values to the types of their schemas, as st2's `casts.py`.

use pyvalue::number;
use serde_json::{Number, Value};

use super::{ParameterError, literal};

/// Converts a value to the type of its schema. Null, and values whose schema names no type, stay as they are.
///
/// Arrays and objects are read from JSON or Python literals; whether the outcome has the type is left to the schema.
pub fn cast(value: &Value, schema: &Value) -> Result<Value, ParameterError> {
    convert(value, schema).map_err(|message| ParameterError::Cast {
        parameter: String::new(),
        message,
    })
}

/// As [`cast`], naming the parameter in the error.
pub(super) fn cast_parameter(
    name: &str,
    value: &Value,
    schema: Option<&Value>,
) -> Result<Value, ParameterError> {
    let Some(schema) = schema else {
        return Ok(value.clone());
    };
    convert(value, schema).map_err(|message| ParameterError::Cast {
        parameter: name.to_owned(),
        message,
    })
}

fn convert(value: &Value, schema: &Value) -> Result<Value, String> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let Some(kind) = schema.get("type").and_then(Value::as_str) else {
        return Ok(value.clone());
    };
    let is_none = value.as_str() == Some(expr::NONE_MAGIC_VALUE);
    match kind {
        "integer" | "number" if is_none => Err("a number cannot be made of None".to_owned()),
        "string" | "boolean" | "array" | "object" if is_none => Ok(Value::Null),
        "integer" => integer(value),
        "number" => float(value),
        "boolean" => boolean(value),
        "array" | "object" => structure(value),
        "string" => string(value),
        _ => Ok(value.clone()),
    }
}

fn string(value: &Value) -> Result<Value, String> {
    if value.is_string() {
        return Ok(value.clone());
    }
    let text = expr::python::str(value);
    Err(format!(
        "Value \"{text}\" must either be a string or None. Got \"{}\".",
        type_name(value)
    ))
}

fn structure(value: &Value) -> Result<Value, String> {
    let Some(text) = value.as_str() else {
        return Ok(value.clone());
    };
    match serde_json::from_str(text) {
        // Python's JSON has no negative zero among the whole numbers.
        Ok(Value::Number(number)) if text.trim() == "-0" && number.is_f64() => Ok(Value::from(0)),
        Ok(parsed) => Ok(parsed),
        Err(_) => literal::evaluate(text).map_err(|reason| {
            format!(
                "Value {} is neither JSON nor a Python literal: {reason}",
                expr::python::repr(value)
            )
        }),
    }
}

fn boolean(value: &Value) -> Result<Value, String> {
    let Some(text) = value.as_str() else {
        return Ok(value.clone());
    };
    let capitalized = pyvalue::text::capitalize(text);
    literal::evaluate(&capitalized)
        .map_err(|_| format!("Value {} is not a boolean", expr::python::repr(value)))
}

fn integer(value: &Value) -> Result<Value, String> {
    let integer = number::to_int(&pyvalue::Value::from_json(value));
    integer
        .and_then(|integer| integer.to_json())
        .map_err(|error| error.message)
}

fn float(value: &Value) -> Result<Value, String> {
    let float =
        number::to_float(&pyvalue::Value::from_json(value)).map_err(|error| error.message)?;
    Number::from_f64(float).map(Value::Number).ok_or_else(|| {
        format!(
            "Value {} is not a number that JSON has",
            expr::python::repr(value)
        )
    })
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}
