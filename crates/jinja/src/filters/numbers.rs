//! Filters about numbers: `abs`, `int`, `float`, `round`, `filesizeformat`.

use pyvalue::{BigInt, Class, Value, format, number, operator};

use crate::predicates::can_iterate;
use crate::{Call, Error, Function, is_undefined, methods};

pub(super) fn all() -> Vec<Function> {
    vec![
        Function::new("abs", absolute).required("x, /"),
        Function::new("filesizeformat", file_size)
            .required("value")
            .optional("binary", false),
        Function::new("float", float)
            .required("value")
            .optional("default", 0.0),
        Function::new("int", int)
            .required("value")
            .optional("default", 0)
            .optional("base", 10),
        Function::new("round", round)
            .required("value")
            .optional("precision", 0)
            .optional("method", "common"),
    ]
}

fn absolute(call: &Call<'_>) -> Result<Value, Error> {
    match call.arg(0) {
        Value::Float(number) => Ok(Value::Float(number.abs())),
        Value::TimeSpan(span) => Ok(Value::TimeSpan(span.saturating_abs())),
        other => match number::as_big(other) {
            Some(number) => Ok(Value::from_big(BigInt::from(number.magnitude().clone()))),
            None => Err(Error::type_error(format!(
                "bad operand type for abs(): '{}'",
                other.type_name()
            ))),
        },
    }
}

/// A value as `int()` and `float()` read it: texts, bytes and what prints as a number count as texts.
fn readable(call: &Call<'_>) -> Result<Value, Error> {
    let value = call.arg(0);
    match value {
        Value::Bytes(bytes) => Ok(match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => Value::None,
        }),
        Value::Object(object) => {
            call.run().check_defined(value)?;
            if methods::text_of(value).is_none() && can_iterate(object) {
                return Ok(value.clone());
            }
            Ok(Value::Str(call.run().text(value)?))
        }
        other => Ok(other.clone()),
    }
}

fn int(call: &Call<'_>) -> Result<Value, Error> {
    let value = readable(call)?;
    let read = match &value {
        Value::Str(text) if methods::text_of(call.arg(0)).is_some() => based(text, call.arg(2)),
        other => number::to_int(other),
    };
    match read {
        Ok(number) => return Ok(number),
        Err(error) if matches!(error.class, Class::Type | Class::Value) => {}
        Err(error) => return Err(error.into()),
    }
    let read = number::to_float(&value).and_then(number::truncate);
    match read {
        Ok(number) => Ok(number),
        Err(error) if matches!(error.class, Class::Type | Class::Value | Class::Overflow) => {
            Ok(call.arg(1).clone())
        }
        Err(error) => Err(error.into()),
    }
}

/// Python's `int(text, base)`.
fn based(text: &str, base: &Value) -> Result<Value, pyvalue::Error> {
    let Some(base) = number::as_big(base) else {
        return Err(pyvalue::Error::type_error(format!(
            "'{}' object cannot be interpreted as an integer",
            base.type_name()
        )));
    };
    match u32::try_from(base) {
        Ok(base) => number::parse_int(text, base),
        Err(_) => Err(pyvalue::Error::value_error(
            "int() base must be >= 2 and <= 36, or 0",
        )),
    }
}

fn float(call: &Call<'_>) -> Result<Value, Error> {
    match number::to_float(&readable(call)?) {
        Ok(number) => Ok(number.into()),
        Err(error) if matches!(error.class, Class::Type | Class::Value) => Ok(call.arg(1).clone()),
        Err(error) => Err(error.into()),
    }
}

fn round(call: &Call<'_>) -> Result<Value, Error> {
    let (value, precision, run) = (call.arg(0), call.arg(1), call.run());
    let method = match call.arg(2) {
        name if is_undefined(name) => return Err(run.wrong_type(name, String::new)),
        name => {
            run.check_key(name)?;
            methods::text_of(name).map(|name| &**name)
        }
    };
    let towards = match method {
        Some("common") => return common(value, precision),
        Some("ceil") => f64::ceil,
        Some("floor") => f64::floor,
        _ => {
            return Err(Error::other(
                "`round` knows the methods `common`, `ceil` and `floor`",
            ));
        }
    };
    run.check_defined(value)?;
    run.check_defined(precision)?;
    let scale = operator::power(&Value::Int(10), precision, call.budget())?;
    let scaled = operator::multiply(value, &scale, call.budget())?;
    let whole = match &scaled {
        Value::Float(number) => number::truncate(towards(*number))?,
        Value::Bool(_) | Value::Int(_) | Value::Big(_) => scaled,
        other => {
            return Err(Error::type_error(format!(
                "must be real number, not {}",
                other.type_name()
            )));
        }
    };
    Ok(operator::divide(&whole, &scale, call.budget())?)
}

/// Python's `round()`: halves to even; integers stay integers.
fn common(value: &Value, precision: &Value) -> Result<Value, Error> {
    let big = number::as_big(value);
    if big.is_none() && !matches!(value, Value::Float(_)) {
        return Err(Error::type_error(format!(
            "type {} doesn't define __round__ method",
            value.type_name()
        )));
    }
    let digits = match precision {
        Value::None => None,
        other => Some(number::as_big(other).ok_or_else(|| {
            Error::type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                other.type_name()
            ))
        })?),
    };
    let digits = digits.map(|digits| {
        let end = if digits < BigInt::default() {
            i64::MIN
        } else {
            i64::MAX
        };
        i64::try_from(digits).unwrap_or(end)
    });
    match (big, value, digits) {
        (Some(whole), _, Some(digits)) if digits < 0 => Ok(rounded(&whole, digits.unsigned_abs())),
        (Some(whole), _, _) => Ok(Value::from_big(whole)),
        (None, Value::Float(number), Some(digits)) => {
            let rounded = format::round_half_even(*number, digits);
            if rounded.is_infinite() && number.is_finite() {
                return Err(pyvalue::Error::new(
                    Class::Overflow,
                    "rounded value too large to represent",
                )
                .into());
            }
            Ok(rounded.into())
        }
        (None, Value::Float(number), None) => Ok(number::truncate(number.round_ties_even())?),
        _ => Ok(Value::None),
    }
}

/// An integer rounded to a power of ten, halves to even.
fn rounded(whole: &BigInt, digits: u64) -> Value {
    // A power of ten larger than twice the number leaves zero.
    if digits > whole.bits() {
        return Value::Int(0);
    }
    let unit = BigInt::from(10).pow(u32::try_from(digits).unwrap_or(u32::MAX));
    let zero = BigInt::default();
    let mut quotient = whole / &unit;
    let mut rest = whole - &quotient * &unit;
    if rest < zero {
        rest += &unit;
        quotient -= 1;
    }
    let twice = &rest * 2;
    let is_odd = &quotient % 2 != zero;
    if twice > unit || twice == unit && is_odd {
        quotient += 1;
    }
    Value::from_big(quotient * unit)
}

const BINARY: [&str; 8] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
const DECIMAL: [&str; 8] = ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

fn file_size(call: &Call<'_>) -> Result<Value, Error> {
    let bytes = number::to_float(&readable(call)?)?;
    let (base, prefixes) = if call.is_true(1)? {
        (1024.0, BINARY)
    } else {
        (1000.0, DECIMAL)
    };
    if (bytes - 1.0).abs() <= 0.0 {
        return Ok("1 Byte".into());
    }
    if bytes < base {
        return Ok(format!("{} Bytes", number::truncate(bytes)?.repr()).into());
    }
    let mut unit = base;
    let mut shown = "";
    for prefix in prefixes {
        shown = prefix;
        unit *= base;
        if bytes < unit {
            break;
        }
    }
    let count = base * bytes / unit;
    let count = if count.is_finite() {
        format!("{count:.1}")
    } else {
        pyvalue::float_text(count)
    };
    Ok(format!("{count} {shown}").into())
}
