//! Texts, integers and floats by a format specification.

use num_bigint::{BigInt, Sign};

use super::float::{exponent, fixed, general};
use super::spec::{Spec, unknown_kind};
use crate::{Budget, Class, Error, Value, float_text, number, text};

/// Integers of more bits take too long to print.
const MAX_INTEGER_BITS: u64 = 1 << 20;

/// Parts of a number's text.
struct Parts<'p> {
    sign: Option<char>,
    /// `0x`.
    prefix: &'p str,
    /// Digits before the point, which are grouped.
    whole: &'p str,
    /// All the rest.
    rest: &'p str,
    /// Digits between two separators.
    group: usize,
}

pub(super) fn format_text(text: &str, spec: &Spec, budget: &Budget) -> Result<String, Error> {
    let refused = |what: &str| {
        Err(Error::value_error(format!(
            "{what} not allowed in string format specifier"
        )))
    };
    match spec.kind {
        None | Some('s') => {}
        Some(kind) => return Err(unknown_kind(kind, "str")),
    }
    if let Some(sign) = spec.sign {
        return refused(if sign == ' ' { "Space" } else { "Sign" });
    }
    if spec.no_negative_zero {
        return refused("Negative zero coercion (z)");
    }
    if spec.alternate {
        return refused("Alternate form (#)");
    }
    if spec.align == '=' {
        return refused("'=' alignment");
    }
    let shown = match spec.precision {
        Some(precision) => text
            .char_indices()
            .nth(precision)
            .map_or(text, |(end, _)| &text[..end]),
        None => text,
    };
    pad(shown, "", spec, budget)
}

/// Pads to the width; `=` puts the padding between the two parts.
fn pad(before: &str, after: &str, spec: &Spec, budget: &Budget) -> Result<String, Error> {
    let length = text::length(before) + text::length(after);
    let missing = spec.width.saturating_sub(length);
    let size = missing.saturating_mul(spec.fill.len_utf8());
    budget.charge(size.saturating_add(before.len() + after.len()))?;
    let (left, middle, right) = match spec.align {
        '<' => (0, 0, missing),
        '^' => (missing / 2, 0, missing - missing / 2),
        '=' => (0, missing, 0),
        _ => (missing, 0, 0),
    };
    let mut padded = String::with_capacity(size + before.len() + after.len());
    padded.extend(std::iter::repeat_n(spec.fill, left));
    padded.push_str(before);
    padded.extend(std::iter::repeat_n(spec.fill, middle));
    padded.push_str(after);
    padded.extend(std::iter::repeat_n(spec.fill, right));
    Ok(padded)
}

fn assemble(parts: &Parts<'_>, spec: &Spec, budget: &Budget) -> Result<String, Error> {
    let head: String = parts.sign.into_iter().chain(parts.prefix.chars()).collect();
    let Some(separator) = spec.grouping.filter(|_| !parts.whole.is_empty()) else {
        return pad(&head, &[parts.whole, parts.rest].concat(), spec, budget);
    };
    let min_width = if spec.fill == '0' && spec.align == '=' {
        spec.width
            .saturating_sub(head.len() + text::length(parts.rest))
    } else {
        0
    };
    budget.charge(min_width.max(parts.whole.len()).saturating_mul(2))?;
    let grouped = group(parts.whole, parts.group, separator, min_width);
    pad(&head, &[&grouped, parts.rest].concat(), spec, budget)
}

/// Digits with separators, and with zeros before them up to a width.
fn group(digits: &str, size: usize, separator: char, min_width: usize) -> String {
    let mut reversed = String::new();
    let mut left = digits.chars().rev().peekable();
    let mut width = 0;
    loop {
        for index in 0..size {
            match left.next() {
                Some(digit) => reversed.push(digit),
                None if width < min_width || index == 0 => reversed.push('0'),
                None => break,
            }
            width += 1;
        }
        if left.peek().is_none() && width >= min_width {
            return reversed.chars().rev().collect();
        }
        reversed.push(separator);
        width += 1;
    }
}

pub(super) fn format_integer(value: &Value, spec: &Spec, budget: &Budget) -> Result<String, Error> {
    let kind = spec.kind.unwrap_or('d');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        let float = number::as_float(value).unwrap_or(Ok(0.0))?;
        return format_float(float, spec, budget);
    }
    let radix = match kind {
        'b' => 2,
        'o' => 8,
        'd' | 'n' => 10,
        'x' | 'X' => 16,
        'c' => 0,
        other => return Err(unknown_kind(other, value.type_name())),
    };
    if spec.precision.is_some() {
        return Err(Error::value_error(
            "Precision not allowed in integer format specifier",
        ));
    }
    if spec.no_negative_zero {
        return Err(Error::value_error(
            "Negative zero coercion (z) not allowed in integer format specifier",
        ));
    }
    if kind == 'c' {
        return format_character(value, spec, budget);
    }
    let (is_negative, mut digits) = digits(value, radix)?;
    if kind == 'X' {
        digits.make_ascii_uppercase();
    }
    let prefix = match kind {
        _ if !spec.alternate => "",
        'b' => "0b",
        'o' => "0o",
        'x' => "0x",
        'X' => "0X",
        _ => "",
    };
    let parts = Parts {
        sign: sign(is_negative, spec),
        prefix,
        whole: &digits,
        rest: "",
        group: if radix == 10 { 3 } else { 4 },
    };
    assemble(&parts, spec, budget)
}

/// Whether it is negative, and its digits.
pub(super) fn digits(value: &Value, radix: u32) -> Result<(bool, String), Error> {
    let number = number::as_big(value).unwrap_or_else(|| BigInt::from(0));
    if number.bits() > MAX_INTEGER_BITS {
        return Err(Error::new(
            Class::Limit,
            "the integer has too many digits to be printed",
        ));
    }
    let digits = number.magnitude().to_str_radix(radix);
    if radix == 10 && digits.len() > 4300 {
        return Err(Error::value_error(
            "Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit",
        ));
    }
    Ok((number.sign() == Sign::Minus, digits))
}

fn sign(is_negative: bool, spec: &Spec) -> Option<char> {
    match spec.sign {
        _ if is_negative => Some('-'),
        Some('-') => None,
        other => other,
    }
}

fn format_character(value: &Value, spec: &Spec, budget: &Budget) -> Result<String, Error> {
    if spec.sign.is_some() {
        return Err(Error::value_error(
            "Sign not allowed with integer format specifier 'c'",
        ));
    }
    if spec.alternate {
        return Err(Error::value_error(
            "Alternate form (#) not allowed with integer format specifier 'c'",
        ));
    }
    let character = character(value)?;
    pad("", &character.to_string(), spec, budget)
}

/// The character of a code point.
pub(super) fn character(value: &Value) -> Result<char, Error> {
    if matches!(value, Value::Big(_)) {
        return Err(Error::new(
            Class::Overflow,
            "Python int too large to convert to C long",
        ));
    }
    number::as_big(value)
        .and_then(|code| u32::try_from(code).ok())
        .and_then(char::from_u32)
        .ok_or_else(|| Error::new(Class::Overflow, "%c arg not in range(0x110000)"))
}

pub(super) fn format_float(value: f64, spec: &Spec, budget: &Budget) -> Result<String, Error> {
    let mut digits = float_digits(value, spec, budget)?;
    let kind = spec.kind.unwrap_or('g');
    if matches!(kind, 'E' | 'F' | 'G') {
        digits.make_ascii_uppercase();
    }
    if kind == '%' {
        digits.push('%');
    }
    let whole = digits.bytes().take_while(u8::is_ascii_digit).count();
    let is_zero = spec.no_negative_zero
        && digits
            .split(['e', 'E'])
            .next()
            .is_some_and(|digits| !digits.contains(|digit| matches!(digit, '1'..='9' | 'n' | 'N')));
    let is_negative = value.is_sign_negative() && !value.is_nan() && !is_zero;
    let parts = Parts {
        sign: sign(is_negative, spec),
        prefix: "",
        whole: &digits[..whole],
        rest: &digits[whole..],
        group: 3,
    };
    assemble(&parts, spec, budget)
}

/// The magnitude's digits.
fn float_digits(value: f64, spec: &Spec, budget: &Budget) -> Result<String, Error> {
    let kind = spec.kind.unwrap_or('\0');
    if !matches!(kind, '\0' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | 'n' | '%') {
        return Err(unknown_kind(kind, "float"));
    }
    if spec
        .precision
        .is_some_and(|precision| i32::try_from(precision).is_err())
    {
        return Err(Error::value_error("precision too big"));
    }
    let value = if kind == '%' { value * 100.0 } else { value };
    if let Some(text) = special(value) {
        return Ok(text.to_owned());
    }
    let precision = spec.precision.unwrap_or(6);
    let point = |mut digits: String| {
        if spec.alternate && !digits.contains('.') {
            let at = digits.find('e').unwrap_or(digits.len());
            digits.insert(at, '.');
        }
        digits
    };
    match kind {
        'e' | 'E' => exponent(value, precision, budget).map(point),
        'f' | 'F' | '%' => fixed(value, precision, budget).map(point),
        '\0' if spec.precision.is_none() => Ok(point(float_text(value.abs()))),
        '\0' => general(value, precision, spec.alternate, true, budget).map(point),
        _ => general(value, precision, spec.alternate, false, budget).map(point),
    }
}

/// The text of what is no finite number.
pub(super) fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("nan")
    } else if value.is_infinite() {
        Some("inf")
    } else {
        None
    }
}
