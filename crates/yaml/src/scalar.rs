//! What a plain scalar means in YAML 1.1, by the rules of PyYAML's `resolver.py` and `constructor.py`.

use crate::Value;
use crate::timestamp;

/// The type of a scalar, resolved from its form or stated by its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Int,
    Float,
    Timestamp,
    /// `<<`.
    Merge,
    /// `=`, which has no meaning that a safe loader knows.
    DefaultValue,
    Text,
}

/// The type that the form of a plain scalar implies.
pub(crate) fn implied(text: &str) -> Kind {
    let Some(first) = text.bytes().next() else {
        return Kind::Null;
    };
    match first {
        b'~' if text == "~" => Kind::Null,
        b'<' if text == "<<" => Kind::Merge,
        b'=' if text == "=" => Kind::DefaultValue,
        b'n' | b'N' if matches!(text, "null" | "Null" | "NULL") => Kind::Null,
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' if is_bool(text) => {
            Kind::Bool
        }
        b'-' | b'+' | b'.' | b'0'..=b'9' if is_float(text) => Kind::Float,
        b'-' | b'+' | b'0'..=b'9' if is_int(text) => Kind::Int,
        b'0'..=b'9' if timestamp::is_timestamp(text) => Kind::Timestamp,
        _ => Kind::Text,
    }
}

/// The value of a scalar of this type; the error says why there is none.
pub(crate) fn construct(kind: Kind, text: String) -> Result<Value, String> {
    match kind {
        Kind::Null => Ok(Value::Null),
        Kind::Bool => bool_value(&text)
            .map(Value::Bool)
            .ok_or_else(|| format!("`{text}` is not a boolean")),
        Kind::Int => integer(&text).ok_or_else(|| format!("`{text}` is not a whole number")),
        Kind::Float => float(&text)
            .map(Value::Float)
            .ok_or_else(|| format!("`{text}` is not a number")),
        Kind::Timestamp => timestamp::to_iso(&text).map(Value::Timestamp),
        Kind::DefaultValue => Err("a bare `=` has no meaning; quote it".to_owned()),
        Kind::Merge | Kind::Text => Ok(Value::Text(text)),
    }
}

fn is_bool(text: &str) -> bool {
    matches!(
        text,
        "yes" | "Yes" | "YES" | "no" | "No" | "NO" | "true" | "True" | "TRUE"
    ) || matches!(
        text,
        "false" | "False" | "FALSE" | "on" | "On" | "ON" | "off" | "Off" | "OFF"
    )
}

fn bool_value(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "on" => Some(true),
        "no" | "false" | "off" => Some(false),
        _ => None,
    }
}

fn unsigned(text: &str) -> &str {
    text.strip_prefix(['-', '+']).unwrap_or(text)
}

fn all(text: &str, allowed: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(allowed)
}

fn is_digit_or_underscore(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'_'
}

/// `[0-9][0-9_]*`
fn is_digits(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && all(text, is_digit_or_underscore)
}

/// `(:[0-5]?[0-9])+`, already split at the colons.
fn is_sixties<'a>(parts: impl Iterator<Item = &'a str>) -> bool {
    let mut count = 0;
    for part in parts {
        count += 1;
        let fits = match part.as_bytes() {
            [digit] => digit.is_ascii_digit(),
            [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
            _ => false,
        };
        if !fits {
            return false;
        }
    }
    count > 0
}

fn is_int(text: &str) -> bool {
    let digits = unsigned(text);
    if let Some(bits) = digits.strip_prefix("0b") {
        return all(bits, |byte| matches!(byte, b'0' | b'1' | b'_'));
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return all(hex, |byte| byte.is_ascii_hexdigit() || byte == b'_');
    }
    if let Some(octal) = digits.strip_prefix('0') {
        return octal.bytes().all(|byte| matches!(byte, b'0'..=b'7' | b'_'));
    }
    match digits.split_once(':') {
        Some((head, rest)) => is_digits(head) && is_sixties(rest.split(':')),
        None => is_digits(digits),
    }
}

fn is_float(text: &str) -> bool {
    let number = unsigned(text);
    if matches!(number, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, fraction)) = number.split_once('.') else {
        return false;
    };
    if let Some((head, rest)) = whole.split_once(':') {
        return is_digits(head)
            && is_sixties(rest.split(':'))
            && fraction.bytes().all(is_digit_or_underscore);
    }
    let fraction = match fraction.split_once(['e', 'E']) {
        Some((digits, exponent)) => {
            let power = exponent.strip_prefix(['-', '+']);
            if !power.is_some_and(|power| all(power, |byte| byte.is_ascii_digit())) {
                return false;
            }
            digits
        }
        None => fraction,
    };
    if whole.is_empty() {
        return number.len() == text.len() && is_digits(fraction);
    }
    is_digits(whole) && fraction.bytes().all(is_digit_or_underscore)
}

fn integer(text: &str) -> Option<Value> {
    let text = text.replace('_', "");
    let negative = text.starts_with('-');
    let digits = unsigned(&text);
    if let Some(bits) = digits.strip_prefix("0b") {
        return whole(negative, bits, 2);
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return whole(negative, hex, 16);
    }
    if digits != "0" && digits.starts_with('0') {
        return whole(negative, digits, 8);
    }
    if digits.contains(':') {
        let total = digits.split(':').try_fold(0_i64, |total, part| {
            total
                .checked_mul(60)?
                .checked_add(part.parse::<i64>().ok()?)
        })?;
        return Some(Value::Integer(if negative { -total } else { total }));
    }
    whole(negative, digits, 10)
}

fn whole(negative: bool, digits: &str, radix: u32) -> Option<Value> {
    if !all(digits, |byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let signed = if negative {
        format!("-{digits}")
    } else {
        digits.to_owned()
    };
    if let Ok(value) = i64::from_str_radix(&signed, radix) {
        return Some(Value::Integer(value));
    }
    if let (false, Ok(value)) = (negative, u64::from_str_radix(digits, radix)) {
        return Some(Value::Unsigned(value));
    }
    let mut value = 0.0_f64;
    for digit in digits.chars() {
        value = value * f64::from(radix) + f64::from(digit.to_digit(radix)?);
    }
    Some(Value::Float(if negative { -value } else { value }))
}

fn float(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_lowercase();
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let number = unsigned(&text);
    match number {
        ".inf" => return Some(sign * f64::INFINITY),
        ".nan" => return Some(f64::NAN),
        _ => {}
    }
    if number.contains(':') {
        let total = number.split(':').try_fold(0.0, |total, part| {
            Some(total * 60.0 + part.parse::<f64>().ok()?)
        })?;
        return Some(sign * total);
    }
    number.parse::<f64>().ok().map(|value| sign * value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Value {
        construct(implied(text), text.to_owned()).unwrap()
    }

    #[test]
    fn reads_booleans_as_yaml_1_1_does() {
        for text in ["yes", "Yes", "on", "TRUE", "true"] {
            assert_eq!(read(text), Value::Bool(true), "{text}");
        }
        for text in ["no", "Off", "FALSE"] {
            assert_eq!(read(text), Value::Bool(false), "{text}");
        }
        for text in ["y", "n", "yEs", "tRUE"] {
            assert_eq!(read(text), Value::Text(text.into()), "{text}");
        }
    }

    #[test]
    fn reads_whole_numbers_in_every_base() {
        let cases = [
            ("0", 0),
            ("0755", 493),
            ("0_", 0),
            ("0b1_0", 2),
            ("-0x1F", -31),
            ("1_000", 1000),
            ("+1", 1),
            ("190:20:30", 685_230),
            ("12:30", 750),
        ];
        for (text, value) in cases {
            assert_eq!(read(text), Value::Integer(value), "{text}");
        }
        for text in ["0o14", "09", "0x", "1__0:99", "1:2:3:", "--1", "+"] {
            assert_eq!(read(text), Value::Text(text.into()), "{text}");
        }
        assert_eq!(
            read("9223372036854775808"),
            Value::Unsigned(9_223_372_036_854_775_808)
        );
    }

    #[test]
    fn reads_numbers_with_a_point() {
        let cases = [
            ("1.5", 1.5),
            ("1_000.5", 1000.5),
            ("1.0e+3", 1000.0),
            ("-.inf", f64::NEG_INFINITY),
            ("190:20:30.5", 685_230.5),
            (".5", 0.5),
            ("1.", 1.0),
        ];
        for (text, value) in cases {
            assert_eq!(read(text), Value::Float(value), "{text}");
        }
        for text in ["1e3", "1.0e3", "._5", "-.5", ".", "1.2.3"] {
            assert_eq!(read(text), Value::Text(text.into()), "{text}");
        }
    }
}
