//! Compares a value with a recorded one: types of numbers count, lists and tuples are the same.

use pyvalue::{Dict, Value};

pub(super) fn agree(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (_, Value::Dict(wrapped)) if wrapped.get("$type").is_some() => agree_wrapped(got, wrapped),
        (Value::List(got) | Value::Tuple(got), Value::List(expected)) => all_agree(got, expected),
        (Value::Dict(got), Value::Dict(expected)) => {
            got.len() == expected.len()
                && got.iter().all(|(key, value)| {
                    expected
                        .get_value(key)
                        .is_some_and(|expected| agree(value, expected))
                })
        }
        (Value::Object(object), expected) => object
            .text()
            .is_ok_and(|text| expected.as_str() == Some(&text)),
        // Integers beyond 64 bits are floats once the recordings are read.
        (Value::Big(_), Value::Float(expected)) => {
            pyvalue::number::to_float(got).is_ok_and(|got| (got / expected - 1.0).abs() < 1e-12)
        }
        (got, expected) => {
            std::mem::discriminant(got) == std::mem::discriminant(expected) && got == expected
        }
    }
}

fn all_agree(got: &[Value], expected: &[Value]) -> bool {
    got.len() == expected.len()
        && got
            .iter()
            .zip(expected)
            .all(|(got, expected)| agree(got, expected))
}

/// What JSON cannot say.
fn agree_wrapped(got: &Value, wrapped: &Dict) -> bool {
    let value = wrapped.get("value").unwrap();
    match (wrapped.get("$type").and_then(Value::as_str).unwrap(), got) {
        ("float", Value::Float(got)) => pyvalue::float_text(*got) == value.as_str().unwrap(),
        ("set", Value::List(got) | Value::Tuple(got)) => same_members(got, value),
        ("set", Value::Set(got)) => same_members(&got.iter().cloned().collect::<Vec<_>>(), value),
        ("datetime", Value::DateTime(got)) => {
            chrono::DateTime::parse_from_rfc3339(value.as_str().unwrap()).as_ref() == Ok(got)
        }
        ("datetime", Value::Str(got)) => Some(&**got) == value.as_str(),
        ("timespan", Value::TimeSpan(got)) => Some(*got) == value.as_int(),
        ("map", Value::Dict(got)) => {
            let pairs = value.as_items().unwrap();
            got.len() == pairs.len()
                && pairs.iter().all(|pair| {
                    let [key, value] = pair.as_items().unwrap() else {
                        return false;
                    };
                    got.iter()
                        .any(|(known, got)| agree(known, key) && agree(got, value))
                })
        }
        ("bytes", Value::Bytes(got)) => {
            let byte = |at| u8::from_str_radix(value.as_str()?.get(2 * at..2 * at + 2)?, 16).ok();
            value.as_str().map(str::len) == Some(2 * got.len())
                && got
                    .iter()
                    .enumerate()
                    .all(|(at, got)| byte(at) == Some(*got))
        }
        _ => false,
    }
}

/// The order of a set means nothing.
fn same_members(got: &[Value], expected: &Value) -> bool {
    let expected = expected.as_items().unwrap();
    got.len() == expected.len()
        && expected
            .iter()
            .all(|expected| got.iter().any(|got| agree(got, expected)))
}
