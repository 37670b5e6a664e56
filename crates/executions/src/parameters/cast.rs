//! Converts values to the types of their schemas, as st2's `casts.py`.

use serde_json::{Number, Value};

use super::{ParameterError, literal};

/// What templates leave where null is meant (`use_none`).
const NONE_MAGIC_VALUE: &str = "%*****__%NONE%__*****%";

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
    let is_none = value.as_str() == Some(NONE_MAGIC_VALUE);
    match kind {
        "integer" | "number" if is_none => Err("a number cannot be made of None".to_owned()),
        "string" | "boolean" | "array" | "object" if is_none => Ok(Value::Null),
        "integer" => integer(value),
        "number" => number(value),
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
    let mut characters = text.chars();
    let capitalized: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(characters.flat_map(char::to_lowercase))
        .collect();
    literal::evaluate(&capitalized)
        .map_err(|_| format!("Value {} is not a boolean", expr::python::repr(value)))
}

fn integer(value: &Value) -> Result<Value, String> {
    match value {
        Value::Bool(truth) => Ok(Value::from(i64::from(*truth))),
        Value::Number(number) => {
            whole(number).ok_or_else(|| format!("cannot convert float {number} to integer"))
        }
        Value::String(text) => read_integer(text).ok_or_else(|| {
            format!(
                "invalid literal for int() with base 10: {}",
                expr::python::repr(value)
            )
        }),
        other => Err(format!(
            "int() argument must be a string or a number, not '{}'",
            type_name(other)
        )),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounded before")]
fn whole(number: &Number) -> Option<Value> {
    if !number.is_f64() {
        return Some(Value::Number(number.clone()));
    }
    number
        .as_f64()
        .filter(|float| float.abs() < 9.2e18)
        .map(|float| Value::from(float.trunc() as i64))
}

fn read_integer(text: &str) -> Option<Value> {
    let digits = ascii_digits(text.trim())?;
    if !digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-'))
    {
        return None;
    }
    digits
        .parse::<i64>()
        .map(Value::from)
        .or_else(|_| digits.parse::<u64>().map(Value::from))
        .ok()
}

fn number(value: &Value) -> Result<Value, String> {
    let float = match value {
        Value::Bool(truth) => Some(f64::from(u8::from(*truth))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => ascii_digits(text.trim()).and_then(|digits| digits.parse().ok()),
        other => {
            return Err(format!(
                "float() argument must be a string or a number, not '{}'",
                type_name(other)
            ));
        }
    };
    let float = float.ok_or_else(|| {
        format!(
            "could not convert string to float: {}",
            expr::python::repr(value)
        )
    })?;
    Number::from_f64(float).map(Value::Number).ok_or_else(|| {
        format!(
            "Value {} is not a number that JSON has",
            expr::python::repr(value)
        )
    })
}

/// Digits as Python reads them: of any script (the common ones), with single underscores between.
fn ascii_digits(text: &str) -> Option<String> {
    if text.starts_with('_') || text.ends_with('_') || text.contains("__") {
        return None;
    }
    Some(
        text.chars()
            .filter(|character| *character != '_')
            .map(ascii_digit)
            .collect(),
    )
}

fn ascii_digit(character: char) -> char {
    const ZEROS: [u32; 5] = [0x660, 0x6f0, 0x966, 0x9e6, 0xff10];
    let code = u32::from(character);
    let digit = ZEROS
        .iter()
        .find_map(|zero| code.checked_sub(*zero).filter(|digit| *digit < 10));
    digit
        .and_then(|digit| char::from_digit(digit, 10))
        .unwrap_or(character)
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
