//! Methods and attributes of `int` and `float`.

use std::sync::LazyLock;

use pyvalue::number::as_big;
use pyvalue::{BigInt, Class, Value};

use super::arguments::{count, text};
use super::{Table, looking, table};
use crate::{Call, Error, Function};

pub(super) static OF_INTEGERS: Table = LazyLock::new(|| {
    table([
        looking(
            "as_integer_ratio",
            |c| Ok(Value::tuple(vec![whole(c), Value::Int(1)])),
            |f| f,
        ),
        looking(
            "bit_count",
            |c| Ok(count(bits(c, |bit| bit == '1')?)),
            |f| f,
        ),
        looking("bit_length", |c| Ok(count(bits(c, |_| true)?)), |f| f),
        looking("conjugate", |c| Ok(whole(c)), |f| f),
        looking("from_bytes", from_bytes, |f| {
            f.required("bytes")
                .optional("byteorder", "big")
                .named("signed", false)
        }),
        looking("to_bytes", to_bytes, |f| {
            f.optional("length", 1)
                .optional("byteorder", "big")
                .named("signed", false)
        }),
    ])
});

pub(super) static OF_FLOATS: Table = LazyLock::new(|| {
    table([
        looking("as_integer_ratio", |c| ratio(float(c)), |f: Function| f),
        looking("conjugate", |c| Ok(c.arg(0).clone()), |f| f),
        looking(
            "fromhex",
            |c| from_hex(text(c, 1)?),
            |f| f.required("string, /"),
        ),
        looking("hex", |c| Ok(hex(float(c)).into()), |f| f),
        looking(
            "is_integer",
            |c| {
                let number = float(c);
                Ok((number.is_finite() && number.fract() == 0.0).into())
            },
            |f| f,
        ),
    ])
});

/// `real`, `imag`, `numerator`, `denominator`.
pub(super) fn plain_attribute(number: &Value, name: &str) -> Option<Value> {
    let is_float = matches!(number, Value::Float(_));
    match name {
        "real" if is_float => Some(number.clone()),
        "imag" if is_float => Some(Value::Float(0.0)),
        "real" | "numerator" if !is_float => as_big(number).map(Value::from_big),
        "imag" if !is_float => Some(Value::Int(0)),
        "denominator" if !is_float => Some(Value::Int(1)),
        _ => None,
    }
}

fn whole(call: &Call<'_>) -> Value {
    Value::from_big(big(call))
}

fn big(call: &Call<'_>) -> BigInt {
    as_big(call.arg(0)).unwrap_or_default()
}

fn float(call: &Call<'_>) -> f64 {
    match call.arg(0) {
        Value::Float(number) => *number,
        _ => 0.0,
    }
}

/// How many binary digits of the magnitude are of a kind.
fn bits(call: &Call<'_>, counts: impl Fn(char) -> bool) -> Result<usize, Error> {
    let magnitude = big(call).magnitude().clone();
    let length = usize::try_from(magnitude.bits()).unwrap_or(usize::MAX);
    call.budget().charge(length)?;
    if length == 0 {
        return Ok(0);
    }
    Ok(magnitude
        .to_str_radix(2)
        .chars()
        .filter(|bit| counts(*bit))
        .count())
}

fn is_little(call: &Call<'_>, index: usize) -> Result<bool, Error> {
    match &**text(call, index)? {
        "little" => Ok(true),
        "big" => Ok(false),
        _ => Err(pyvalue::Error::value_error("byteorder must be either 'little' or 'big'").into()),
    }
}

fn to_bytes(call: &Call<'_>) -> Result<Value, Error> {
    let number = big(call);
    let length = usize::try_from(super::arguments::integer(call, 1)?)
        .map_err(|_| pyvalue::Error::value_error("length argument must be non-negative"))?;
    let is_little = is_little(call, 2)?;
    let is_signed = call.is_true(3)?;
    call.budget().charge(length)?;
    let is_negative = number < BigInt::default();
    if is_negative && !is_signed {
        return Err(overflow("can't convert negative int to unsigned"));
    }
    let padding = if is_negative { 0xff } else { 0 };
    let mut bytes = if is_signed {
        number.to_signed_bytes_le()
    } else {
        // Of a number that is not negative the last byte may be there for the sign only.
        let mut bytes = number.to_signed_bytes_le();
        bytes.pop_if(|last| *last == 0);
        bytes
    };
    // Zero takes no byte in Python.
    if number == BigInt::default() {
        bytes.clear();
    }
    if bytes.len() > length {
        return Err(overflow("int too big to convert"));
    }
    bytes.resize(length, padding);
    if !is_little {
        bytes.reverse();
    }
    Ok(Value::Bytes(bytes.into()))
}

fn from_bytes(call: &Call<'_>) -> Result<Value, Error> {
    let mut bytes: Vec<u8> = match call.arg(1) {
        Value::Bytes(bytes) => bytes.to_vec(),
        Value::Str(_) => return Err(Error::type_error("cannot convert 'str' object to bytes")),
        _ => call
            .items(1)?
            .map(|item| {
                item?
                    .as_int()
                    .and_then(|byte| u8::try_from(byte).ok())
                    .ok_or_else(|| {
                        pyvalue::Error::value_error("bytes must be in range(0, 256)").into()
                    })
            })
            .collect::<Result<_, Error>>()?,
    };
    let is_little = is_little(call, 2)?;
    if !is_little {
        bytes.reverse();
    }
    if !call.is_true(3)? {
        // A zero in front keeps the first bit from being a sign.
        bytes.push(0);
    }
    Ok(Value::from_big(BigInt::from_signed_bytes_le(&bytes)))
}

fn overflow(message: &str) -> Error {
    pyvalue::Error::new(Class::Overflow, message).into()
}

/// Mantissa, exponent of two and sign of a finite float.
fn parts(number: f64) -> (u64, i32, bool) {
    let bits = number.to_bits();
    let exponent = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let mantissa = bits & ((1 << 52) - 1);
    let is_negative = bits >> 63 == 1;
    if exponent == 0 {
        (mantissa, -1074, is_negative)
    } else {
        (mantissa | (1 << 52), exponent - 1075, is_negative)
    }
}

fn ratio(number: f64) -> Result<Value, Error> {
    if number.is_nan() {
        return Err(pyvalue::Error::value_error("cannot convert NaN to integer ratio").into());
    }
    if number.is_infinite() {
        return Err(overflow("cannot convert Infinity to integer ratio"));
    }
    let (mut mantissa, mut exponent, is_negative) = parts(number);
    while exponent < 0 && mantissa.is_multiple_of(2) && mantissa > 0 {
        mantissa /= 2;
        exponent += 1;
    }
    if mantissa == 0 {
        exponent = 0;
    }
    let mut numerator = BigInt::from(mantissa) << exponent.max(0);
    if is_negative {
        numerator = -numerator;
    }
    let denominator = BigInt::from(1) << (-exponent).max(0);
    Ok(Value::tuple(vec![
        Value::from_big(numerator),
        Value::from_big(denominator),
    ]))
}

fn hex(number: f64) -> String {
    if !number.is_finite() {
        return pyvalue::float_text(number);
    }
    let sign = if number.is_sign_negative() { "-" } else { "" };
    if number == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (mantissa, exponent, _) = parts(number);
    let leading = mantissa >> 52;
    let fraction = mantissa & ((1 << 52) - 1);
    format!("{sign}0x{leading}.{fraction:013x}p{:+}", exponent + 52)
}

/// `float.fromhex`: a sign, `0x`, hexadecimal digits with a point, `p` and a power of two; or `inf` and `nan`.
fn from_hex(source: &str) -> Result<Value, Error> {
    let invalid = || pyvalue::Error::value_error("invalid hexadecimal floating-point string");
    let lower = pyvalue::text::strip(source, None).to_ascii_lowercase();
    let (is_negative, rest) = match lower.strip_prefix(['-', '+']) {
        Some(rest) => (lower.starts_with('-'), rest),
        None => (false, lower.as_str()),
    };
    let number = match rest {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => {
            let rest = rest.strip_prefix("0x").unwrap_or(rest);
            let (digits, power) = match rest.split_once('p') {
                Some((digits, power)) => (digits, power.parse::<i32>().map_err(|_| invalid())?),
                None => (rest, 0),
            };
            let (before, after) = digits.split_once('.').unwrap_or((digits, ""));
            let all = format!("{before}{after}");
            if all.is_empty() || !all.chars().all(|c| c.is_ascii_hexdigit()) {
                return Err(invalid().into());
            }
            let fraction = i32::try_from(after.len()).map_err(|_| invalid())?;
            let significant = all.trim_start_matches('0');
            let value = significant.chars().fold(0.0, |value: f64, digit| {
                value.mul_add(16.0, f64::from(digit.to_digit(16).unwrap_or(0)))
            });
            let power = power.saturating_sub(fraction.saturating_mul(4));
            let half = power / 2;
            let scaled = value * 2.0_f64.powi(half) * 2.0_f64.powi(power - half);
            if scaled.is_infinite() {
                return Err(overflow(
                    "hexadecimal value too large to represent as a float",
                ));
            }
            scaled
        }
    };
    Ok(Value::Float(if is_negative { -number } else { number }))
}
