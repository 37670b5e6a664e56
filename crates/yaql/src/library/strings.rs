//! Texts: Python's methods of `str`, under YAQL's names. Positions and lengths count characters.

mod alphabet;
mod find;

use pyvalue::{Error, Value, number, text};

use super::values;
use crate::function::{Call, Function, Outcome, Param, Type};

const STRING: Param = Param::new("string", Type::Str);
const SEPARATOR: Param = Param::new("separator", Type::Str);
const SEQUENCE: Param = Param::new("sequence", Type::Iterable);
const CHARS: Param = Param::new("chars", Type::Str).or_null();
const SPLIT: &[Param] = &[
    STRING,
    SEPARATOR.or_null(),
    Param::new("maxSplits", Type::Int).or_int(-1),
];
const TRIM: &[Param] = &[STRING, CHARS];

/// A table for each file.
pub(crate) const TABLES: &[&[Function]] = &[FUNCTIONS, alphabet::FUNCTIONS, find::FUNCTIONS];

const FUNCTIONS: &[Function] = &[
    Function::function("concat", &[Param::rest("args", Type::Str)], concat),
    Function::method("toUpper", &[STRING], to_upper),
    Function::method("toLower", &[STRING], to_lower),
    Function::both("len", &[STRING], length),
    Function::method("split", SPLIT, split),
    Function::method("rightSplit", SPLIT, right_split),
    Function::method("join", &[SEQUENCE, SEPARATOR], |call| join(call, 0, 1)),
    Function::method("join", &[SEPARATOR, SEQUENCE], |call| join(call, 1, 0)),
    Function::function("str", &[Param::any("value")], str),
    Function::method("trim", TRIM, trim),
    Function::method("trimLeft", TRIM, trim_left),
    Function::method("trimRight", TRIM, trim_right),
    Function::both("norm", &[STRING.nullable(), CHARS], norm),
    Function::both(
        "isEmpty",
        &[
            STRING.nullable(),
            Param::new("trim", Type::Bool).or_bool(true),
            CHARS,
        ],
        is_empty,
    ),
    Function::method(
        "replace",
        &[
            STRING,
            Param::new("old", Type::Str),
            Param::new("new", Type::Str),
            Param::new("count", Type::Int).or_int(-1),
        ],
        replace,
    ),
    Function::method(
        "replace",
        &[
            STRING,
            Param::new("replacements", Type::Dict),
            Param::new("count", Type::Int).or_int(-1),
        ],
        replace_all,
    ),
    Function::method("toCharArray", &[STRING], to_char_array),
    Function::function("isString", &[Param::any("arg")], is_string),
    Function::function("hex", &[Param::new("num", Type::Number).nullable()], hex),
];

fn concat(call: &Call<'_>) -> Outcome {
    let parts: Vec<&str> = call.rest().filter_map(Value::as_str).collect();
    let length = parts.iter().map(|part| part.len()).sum();
    call.budget().charge(length)?;
    Ok(parts.concat().into())
}

fn to_upper(call: &Call<'_>) -> Outcome {
    made(call, text::upper(call.text(0)?))
}

fn to_lower(call: &Call<'_>) -> Outcome {
    made(call, text::lower(call.text(0)?))
}

/// A text of about the length of the first argument.
fn made(call: &Call<'_>, text: impl Into<std::sync::Arc<str>>) -> Outcome {
    let text = text.into();
    call.budget().charge(text.len())?;
    Ok(Value::Str(text))
}

fn length(call: &Call<'_>) -> Outcome {
    let length = text::length(call.text(0)?);
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn split(call: &Call<'_>) -> Outcome {
    let (string, separator) = (call.text(0)?, call.text_or_none(1));
    let parts = text::split(string, separator, call.int(2)?, call.budget())?;
    call.checked(Value::list(parts))
}

fn right_split(call: &Call<'_>) -> Outcome {
    let (string, separator) = (call.text(0)?, call.text_or_none(1));
    let parts = text::rsplit(string, separator, call.int(2)?, call.budget())?;
    call.checked(Value::list(parts))
}

fn join(call: &Call<'_>, sequence: usize, separator: usize) -> Outcome {
    let separator = call.text(separator)?;
    let mut joined = String::new();
    for (at, item) in call.iterate(sequence)?.enumerate() {
        if at > 0 {
            call.budget().charge(separator.len())?;
            joined.push_str(separator);
        }
        match item? {
            Value::Str(text) => {
                call.budget().charge(text.len())?;
                joined.push_str(&text);
            }
            other => joined.push_str(&values::text(&other, call.budget())?),
        }
    }
    Ok(joined.into())
}

fn str(call: &Call<'_>) -> Outcome {
    match call.arg(0) {
        text @ Value::Str(_) => Ok(text.clone()),
        other => Ok(values::text(other, call.budget())?.into()),
    }
}

fn trim(call: &Call<'_>) -> Outcome {
    made(call, text::strip(call.text(0)?, call.text_or_none(1)))
}

fn trim_left(call: &Call<'_>) -> Outcome {
    made(call, text::lstrip(call.text(0)?, call.text_or_none(1)))
}

fn trim_right(call: &Call<'_>) -> Outcome {
    made(call, text::rstrip(call.text(0)?, call.text_or_none(1)))
}

fn norm(call: &Call<'_>) -> Outcome {
    let Some(string) = call.text_or_none(0) else {
        return Ok(Value::None);
    };
    match text::strip(string, call.text_or_none(1)) {
        "" => Ok(Value::None),
        stripped => made(call, stripped),
    }
}

fn is_empty(call: &Call<'_>) -> Outcome {
    let Some(string) = call.text_or_none(0) else {
        return Ok(Value::Bool(true));
    };
    let rest = if call.is_true(1) {
        text::strip(string, call.text_or_none(2))
    } else {
        string
    };
    Ok(Value::Bool(rest.is_empty()))
}

fn replace(call: &Call<'_>) -> Outcome {
    let (old, new) = (call.text(1)?, call.text(2)?);
    let replaced = text::replace(call.text(0)?, old, new, call.int(3)?, call.budget())?;
    Ok(replaced.into())
}

/// Replaces one after the other: what one puts in, the next may replace.
fn replace_all(call: &Call<'_>) -> Outcome {
    let (budget, count) = (call.budget(), call.int(2)?);
    let mut string = call.text(0)?.to_owned();
    for (old, new) in call.dict(1)?.iter() {
        let (old, new) = (values::text(old, budget)?, values::text(new, budget)?);
        string = text::replace(&string, &old, &new, count, budget)?;
    }
    Ok(string.into())
}

fn to_char_array(call: &Call<'_>) -> Outcome {
    let string = call.text(0)?;
    call.budget()
        .charge(text::length(string) * 2 * size_of::<Value>())?;
    let mut buffer = [0; 4];
    call.tuple(
        string
            .chars()
            .map(|character| Value::from(&*character.encode_utf8(&mut buffer)))
            .collect(),
    )
}

fn is_string(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(call.arg(0).as_str().is_some()))
}

fn hex(call: &Call<'_>) -> Outcome {
    match call.arg(0) {
        number @ (Value::Int(_) | Value::Big(_)) => {
            let number = number::as_big(number).unwrap_or_default();
            let sign = if number.sign() == num_bigint::Sign::Minus {
                "-"
            } else {
                ""
            };
            made(call, format!("{sign}0x{:x}", number.magnitude()))
        }
        other => Err(Error::type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            other.type_name()
        ))
        .into()),
    }
}
