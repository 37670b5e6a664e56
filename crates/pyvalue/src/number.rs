//! Python's numbers: what `int()` and `float()` make of things, and what rounding does.

use num_bigint::BigInt;
use num_traits::{FromPrimitive as _, Num as _, ToPrimitive as _};

use crate::{Class, Error, Value};

/// Python refuses to read or print integers with more digits than this.
const MAX_DIGITS: usize = 4300;

/// The integer that a float is, if it is a whole one.
#[must_use]
pub fn whole(float: f64) -> Option<Value> {
    if !float.is_finite() || float.fract().abs() > 0.0 {
        return None;
    }
    // Below 2^63 in magnitude the conversion is exact.
    if float.abs() < 9.0e18 {
        return float.to_i64().map(Value::Int);
    }
    BigInt::from_f64(float).map(Value::from_big)
}

/// The value as a big integer, where it is an integer or a boolean.
#[must_use]
pub fn as_big(value: &Value) -> Option<BigInt> {
    match value {
        Value::Bool(truth) => Some(BigInt::from(i64::from(*truth))),
        Value::Int(number) => Some(BigInt::from(*number)),
        Value::Big(number) => Some((**number).clone()),
        _ => None,
    }
}

/// The value as a float, where it is a number or a boolean. An integer too large for a float is an `OverflowError`.
pub fn as_float(value: &Value) -> Option<Result<f64, Error>> {
    match value {
        Value::Bool(truth) => Some(Ok(f64::from(u8::from(*truth)))),
        Value::Float(number) => Some(Ok(*number)),
        // Rust rounds to the nearest, ties to even, as Python does.
        Value::Int(number) => Some(number.to_f64().ok_or_else(too_large)),
        Value::Big(number) => Some(
            number
                .to_f64()
                .filter(|float| float.is_finite())
                .ok_or_else(too_large),
        ),
        _ => None,
    }
}

fn too_large() -> Error {
    Error::new(Class::Overflow, "int too large to convert to float")
}

/// Python's `int(value)`.
pub fn to_int(value: &Value) -> Result<Value, Error> {
    match value {
        Value::Bool(truth) => Ok(Value::Int(i64::from(*truth))),
        Value::Int(_) | Value::Big(_) => Ok(value.clone()),
        Value::Float(number) => truncate(*number),
        Value::Str(text) => parse_int(text, 10),
        other => Err(Error::type_error(format!(
            "int() argument must be a string, a bytes-like object or a real number, not '{}'",
            other.type_name()
        ))),
    }
}

/// A float without its fraction, as an integer.
pub fn truncate(number: f64) -> Result<Value, Error> {
    if number.is_nan() {
        return Err(Error::value_error("cannot convert float NaN to integer"));
    }
    whole(number.trunc())
        .ok_or_else(|| Error::new(Class::Overflow, "cannot convert float infinity to integer"))
}

/// Python's `int(text, base)`: blanks around, a sign, `_` between digits, any Unicode digits; with base 0 or the fitting
/// base also a prefix `0x`, `0o`, `0b`.
pub fn parse_int(text: &str, base: u32) -> Result<Value, Error> {
    let invalid = || {
        let mut quoted = String::new();
        crate::write_quoted(text, &mut quoted);
        Error::value_error(format!(
            "invalid literal for int() with base {base}: {quoted}"
        ))
    };
    if base == 1 || base > 36 {
        return Err(Error::value_error(
            "int() base must be >= 2 and <= 36, or 0",
        ));
    }
    let trimmed = trim(text);
    let (negative, rest) = match trimmed.strip_prefix(['-', '+']) {
        Some(rest) => (trimmed.starts_with('-'), rest),
        None => (false, trimmed),
    };
    let (radix, digits) = radix(rest, base).ok_or_else(invalid)?;
    let digits = plain_digits(digits, radix).ok_or_else(invalid)?;
    if !radix.is_power_of_two() && digits.len() > MAX_DIGITS {
        return Err(Error::value_error(format!(
            "Exceeds the limit ({MAX_DIGITS} digits) for integer string conversion"
        )));
    }
    let number = BigInt::from_str_radix(&digits, radix).map_err(|_| invalid())?;
    Ok(Value::from_big(if negative { -number } else { number }))
}

/// The radix that base and prefix give, and the digits behind the prefix.
fn radix(text: &str, base: u32) -> Option<(u32, &str)> {
    let prefixed = text
        .get(..2)
        .map(str::to_ascii_lowercase)
        .and_then(|prefix| match prefix.as_str() {
            "0x" => Some(16),
            "0o" => Some(8),
            "0b" => Some(2),
            _ => None,
        });
    match (base, prefixed) {
        (0, Some(radix)) => Some((radix, strip_underscore(&text[2..]))),
        // A leading zero means nothing but zero, where the base is to be found out.
        (0, None) => (!text.starts_with('0') || text.chars().all(|c| c == '0' || c == '_'))
            .then_some((10, text)),
        (base, Some(radix)) if base == radix => Some((radix, strip_underscore(&text[2..]))),
        (base, _) => Some((base, text)),
    }
}

fn strip_underscore(text: &str) -> &str {
    text.strip_prefix('_').unwrap_or(text)
}

/// The digits in ASCII, without single underscores between them.
fn plain_digits(text: &str, radix: u32) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut after_digit = false;
    for character in text.chars() {
        if character == '_' {
            if !after_digit {
                return None;
            }
            after_digit = false;
            continue;
        }
        let digit = ascii_digit(character)?;
        if !digit.is_digit(radix) {
            return None;
        }
        plain.push(digit);
        after_digit = true;
    }
    after_digit.then_some(plain)
}

/// A decimal digit of any script as an ASCII one; ASCII letters stay.
#[must_use]
pub fn ascii_digit(character: char) -> Option<char> {
    if character.is_ascii_alphanumeric() {
        return Some(character);
    }
    decimal_value(character).and_then(|value| char::from_digit(value, 10))
}

/// The value of a decimal digit of any script (Unicode category Nd): each script's ten digits stand in a row.
#[must_use]
pub fn decimal_value(character: char) -> Option<u32> {
    let code = u32::from(character);
    ZEROS
        .iter()
        .find(|zero| (**zero..**zero + 10).contains(&code))
        .map(|zero| code - zero)
}

/// The zero of each script (Unicode 14, as Python 3.11 has it).
const ZEROS: &[u32] = &[
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
    0x104a0, 0x10d30, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650,
    0x116c0, 0x11730, 0x118e0, 0x11950, 0x11c50, 0x11d50, 0x11da0, 0x16a60, 0x16ac0, 0x16b50,
    0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e140, 0x1e2f0, 0x1e950, 0x1fbf0,
];

/// Python's `float(value)`.
pub fn to_float(value: &Value) -> Result<f64, Error> {
    if let Some(number) = as_float(value) {
        return number;
    }
    match value {
        Value::Str(text) => parse_float(text),
        other => Err(Error::type_error(format!(
            "float() argument must be a string or a real number, not '{}'",
            other.type_name()
        ))),
    }
}

/// Python's `float(text)`: blanks around, `_` between digits, `inf`, `infinity` and `nan` in any letter case.
pub fn parse_float(text: &str) -> Result<f64, Error> {
    read_float(trim(text)).ok_or_else(|| {
        let mut quoted = String::new();
        crate::write_quoted(text, &mut quoted);
        Error::value_error(format!("could not convert string to float: {quoted}"))
    })
}

fn read_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(
        unsigned.to_ascii_lowercase().as_str(),
        "inf" | "infinity" | "nan"
    ) {
        return text.to_ascii_lowercase().parse().ok();
    }
    let mut plain = String::with_capacity(text.len());
    let mut before = ' ';
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '_' => {
                let next = characters.peek().copied().unwrap_or(' ');
                if !before.is_ascii_digit() || decimal_value(next).is_none() {
                    return None;
                }
            }
            '+' | '-' | '.' | 'e' | 'E' => plain.push(character),
            other => plain.push(char::from_digit(decimal_value(other)?, 10)?),
        }
        before = if character == '_' {
            '_'
        } else {
            plain.chars().next_back()?
        };
    }
    plain.parse().ok()
}

/// Without what Python takes for white space at both ends.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_integers_as_python_does() {
        for (text, base, expected) in [
            (" 12\n", 10, Some(12)),
            ("-1_000", 10, Some(-1000)),
            ("٣", 10, Some(3)),
            ("ff", 16, Some(255)),
            ("0xff", 16, Some(255)),
            ("0b_1", 0, Some(1)),
            ("010", 0, None),
            ("00", 0, Some(0)),
            ("5.0", 10, None),
            ("1__0", 10, None),
            ("_1", 10, None),
            ("", 10, None),
            ("- 1", 10, None),
            ("--1", 10, None),
        ] {
            assert_eq!(
                parse_int(text, base).ok(),
                expected.map(Value::Int),
                "{text:?} {base}"
            );
        }
        assert_eq!(
            parse_int("99999999999999999999", 10).unwrap().repr(),
            "99999999999999999999"
        );
        assert_eq!(
            parse_int("5.0", 10).unwrap_err().to_string(),
            "invalid literal for int() with base 10: '5.0'"
        );
    }

    #[test]
    fn reads_floats_as_python_does() {
        for (text, expected) in [
            (" 1.5 ", Some(1.5)),
            (".5", Some(0.5)),
            ("5.", Some(5.0)),
            ("1e3", Some(1000.0)),
            ("1_0.0_1", Some(10.01)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("infinit", None),
            ("1_", None),
            ("_1", None),
            ("1_.5", None),
            ("0x1", None),
            ("", None),
        ] {
            assert_eq!(parse_float(text).ok(), expected, "{text:?}");
        }
        assert!(parse_float("nan").unwrap().is_nan());
    }

    #[test]
    fn truncates_floats() {
        assert_eq!(to_int(&Value::Float(-5.7)), Ok(Value::Int(-5)));
        assert_eq!(
            to_int(&Value::Float(1e20)).unwrap().repr(),
            "100000000000000000000"
        );
        assert_eq!(
            to_int(&Value::Float(f64::NAN)).unwrap_err().class,
            Class::Value
        );
    }
}
