//! Python's `str()` and `repr()`.

use std::fmt::Write as _;

use crate::{Error, Value};

impl Value {
    /// What `str()` gives: texts as they are, everything else as [`Value::repr`]. Fails only where an object's text does.
    pub fn to_text(&self) -> Result<String, Error> {
        let mut out = String::new();
        self.write_text(&mut out)?;
        Ok(out)
    }

    /// Appends what [`Value::to_text`] gives.
    pub fn write_text(&self, out: &mut String) -> Result<(), Error> {
        match self {
            Self::Str(text) => out.push_str(text),
            Self::DateTime(moment) => write_moment(moment, out),
            Self::TimeSpan(span) => write_span(*span, out),
            Self::Object(object) => out.push_str(&object.text()?),
            other => other.write_repr(out),
        }
        Ok(())
    }

    /// What `repr()` gives: `None`, `True`, `1e+16`, `'it'`, `[1, 'a']`, `(1,)`, `{'k': None}`.
    #[must_use]
    pub fn repr(&self) -> String {
        let mut out = String::new();
        self.write_repr(&mut out);
        out
    }

    /// Appends what [`Value::repr`] gives.
    pub fn write_repr(&self, out: &mut String) {
        match self {
            Self::None => out.push_str("None"),
            Self::Bool(true) => out.push_str("True"),
            Self::Bool(false) => out.push_str("False"),
            Self::Int(number) => write(out, format_args!("{number}")),
            Self::Big(number) => write(out, format_args!("{number}")),
            Self::Float(number) => out.push_str(&float_text(*number)),
            Self::Str(text) => write_quoted(text, out),
            Self::Bytes(bytes) => write_bytes(bytes, out),
            Self::List(items) => write_items(items, ['[', ']'], out),
            Self::Tuple(items) if items.len() == 1 => {
                out.push('(');
                items[0].write_repr(out);
                out.push_str(",)");
            }
            Self::Tuple(items) => write_items(items, ['(', ')'], out),
            Self::Dict(dict) => {
                out.push('{');
                for (at, (key, value)) in dict.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    key.write_repr(out);
                    out.push_str(": ");
                    value.write_repr(out);
                }
                out.push('}');
            }
            Self::Set(set) if set.is_empty() => out.push_str("set()"),
            Self::Set(set) => write_items(set.iter(), ['{', '}'], out),
            Self::DateTime(moment) => write_moment_repr(moment, out),
            Self::TimeSpan(span) => write_span_repr(*span, out),
            Self::Object(object) => out.push_str(&object.repr()),
        }
    }
}

fn write(out: &mut String, arguments: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(arguments);
    debug_assert!(written.is_ok(), "writing to a text cannot fail");
}

fn write_items<'v>(
    items: impl IntoIterator<Item = &'v Value>,
    [open, close]: [char; 2],
    out: &mut String,
) {
    out.push(open);
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        item.write_repr(out);
    }
    out.push(close);
}

/// A float as Python prints it: the shortest digits, an exponent from `1e+16` on and below `1e-04`.
#[must_use]
pub fn float_text(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let scientific = shortest(float);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return plain(digits, exponent);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

/// The fewest digits that mean this float, with an exponent. Where two such texts are equally near, Python takes the
/// one that rounding to so many digits gives, and Rust either.
fn shortest(float: f64) -> String {
    let text = format!("{float:e}");
    let digits = text.bytes().take_while(|byte| *byte != b'e');
    let digits = digits.filter(u8::is_ascii_digit).count();
    if digits < 15 {
        return text;
    }
    let rounded = format!("{float:.*e}", digits - 1);
    let is_same = rounded
        .parse::<f64>()
        .is_ok_and(|same| same.to_bits() == float.to_bits());
    if is_same { rounded } else { text }
}

/// Digits such as `-1.25` with an exponent, without it.
fn plain(digits: &str, exponent: i32) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let digits: String = digits.chars().filter(|c| *c != '.').collect();
    let Ok(whole) = usize::try_from(exponent + 1) else {
        return format!(
            "{sign}0.{}{digits}",
            "0".repeat(exponent.unsigned_abs() as usize - 1)
        );
    };
    if whole == 0 {
        format!("{sign}0.{digits}")
    } else if digits.len() <= whole {
        format!("{sign}{digits}{}.0", "0".repeat(whole - digits.len()))
    } else {
        format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
    }
}

/// Appends a text in Python's quotes: single ones, unless it has single and no double quotes.
pub fn write_quoted(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(character),
            c if is_printable(c) => out.push(c),
            c => write_escape(c, out),
        }
    }
    out.push(quote);
}

fn write_escape(character: char, out: &mut String) {
    let code = u32::from(character);
    match code {
        0..=0xff => write(out, format_args!("\\x{code:02x}")),
        0x100..=0xffff => write(out, format_args!("\\u{code:04x}")),
        _ => write(out, format_args!("\\U{code:08x}")),
    }
}

fn write_bytes(bytes: &[u8], out: &mut String) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    out.push('b');
    out.push(quote);
    for byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            byte if char::from(*byte) == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(char::from(*byte)),
            byte => write(out, format_args!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
}

/// Python's `str.isprintable` of a character: controls, unassigned ones and all blanks but the usual one are not.
#[must_use]
pub fn is_printable(character: char) -> bool {
    use std::sync::LazyLock;

    static UNPRINTABLE: LazyLock<Option<fancy_regex::Regex>> =
        LazyLock::new(|| fancy_regex::Regex::new(r"[\p{C}\p{Z}]").ok());
    if character.is_ascii() {
        return (' '..='~').contains(&character);
    }
    let mut bytes = [0; 4];
    let text = character.encode_utf8(&mut bytes);
    !UNPRINTABLE
        .as_ref()
        .is_some_and(|unprintable| unprintable.is_match(text).unwrap_or(true))
}

/// `2024-01-02 03:04:05.000006+00:00`.
fn write_moment(moment: &crate::DateTime, out: &mut String) {
    write(out, format_args!("{}", moment.format("%Y-%m-%d %H:%M:%S")));
    let micros = moment.timestamp_subsec_micros();
    if micros > 0 {
        write(out, format_args!(".{micros:06}"));
    }
    write_offset(moment.offset().local_minus_utc(), out);
}

fn write_offset(seconds: i32, out: &mut String) {
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.abs();
    write(
        out,
        format_args!("{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60),
    );
    if seconds % 60 > 0 {
        write(out, format_args!(":{:02}", seconds % 60));
    }
}

fn write_moment_repr(moment: &crate::DateTime, out: &mut String) {
    use chrono::{Datelike as _, Timelike as _};

    write(
        out,
        format_args!(
            "datetime.datetime({}, {}, {}, {}, {}",
            moment.year(),
            moment.month(),
            moment.day(),
            moment.hour(),
            moment.minute()
        ),
    );
    let micros = moment.timestamp_subsec_micros();
    if moment.second() > 0 || micros > 0 {
        write(out, format_args!(", {}", moment.second()));
    }
    if micros > 0 {
        write(out, format_args!(", {micros}"));
    }
    match moment.offset().local_minus_utc() {
        0 => out.push_str(", tzinfo=tzutc())"),
        offset => write(out, format_args!(", tzinfo=tzoffset(None, {offset}))")),
    }
}

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// `1 day, 2:03:04.000005`.
fn write_span(span: i64, out: &mut String) {
    let (days, rest) = (span.div_euclid(DAY), span.rem_euclid(DAY));
    if days != 0 {
        let plural = if days.abs() == 1 { "" } else { "s" };
        write(out, format_args!("{days} day{plural}, "));
    }
    let seconds = rest / SECOND;
    write(
        out,
        format_args!(
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        ),
    );
    if rest % SECOND > 0 {
        write(out, format_args!(".{:06}", rest % SECOND));
    }
}

/// `datetime.timedelta(days=1, seconds=2)`.
fn write_span_repr(span: i64, out: &mut String) {
    let rest = span.rem_euclid(DAY);
    let parts: Vec<String> = [
        ("days", span.div_euclid(DAY)),
        ("seconds", rest / SECOND),
        ("microseconds", rest % SECOND),
    ]
    .into_iter()
    .filter(|(_, count)| *count != 0)
    .map(|(name, count)| format!("{name}={count}"))
    .collect();
    if parts.is_empty() {
        out.push_str("datetime.timedelta(0)");
    } else {
        write(
            out,
            format_args!("datetime.timedelta({})", parts.join(", ")),
        );
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;

    use super::*;
    use crate::Dict;

    #[test]
    fn prints_values_as_python_does() {
        let dict: Dict = [("k", "it's"), ("q", "\"'")].into_iter().collect();
        for (value, expected) in [
            (Value::None, "None"),
            (
                Value::list(vec![Value::Bool(true), Value::Int(1), Value::Float(-2.5)]),
                "[True, 1, -2.5]",
            ),
            (Value::tuple(vec![Value::Int(1)]), "(1,)"),
            (Value::tuple(vec![]), "()"),
            (Value::Dict(dict), r#"{'k': "it's", 'q': '"\''}"#),
            (
                Value::from("a\n\u{1}é\u{200b}\u{2028}\u{301}😀"),
                "'a\\n\\x01é\\u200b\\u2028\u{301}😀'",
            ),
            (Value::Bytes((*b"a\x00'").into()), r#"b"a\x00'""#),
            (Value::Set(crate::Set::default()), "set()"),
        ] {
            assert_eq!(value.repr(), expected);
        }
        assert_eq!(Value::from("plain").to_text().unwrap(), "plain");
    }

    #[test]
    fn prints_floats_as_python_does() {
        for (float, expected) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1.5e-7, "1.5e-07"),
            (0.0001, "0.0001"),
            (0.1 + 0.2, "0.30000000000000004"),
            (-1e100, "-1e+100"),
            (5e-324, "5e-324"),
            (-1_061_408_664_947_727.2, "-1061408664947727.2"),
            (0.001_25, "0.00125"),
            (-12.5, "-12.5"),
            (0.5, "0.5"),
            (120.0, "120.0"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(float_text(float), expected);
        }
    }

    #[test]
    fn prints_moments_and_spans_as_python_does() {
        let moment = chrono::FixedOffset::east_opt(7200)
            .unwrap()
            .with_ymd_and_hms(2024, 1, 2, 3, 4, 5)
            .unwrap();
        assert_eq!(
            Value::DateTime(moment).to_text().unwrap(),
            "2024-01-02 03:04:05+02:00"
        );
        for (span, expected) in [
            (0, "0:00:00"),
            (DAY + 2 * 3600 * SECOND + 5, "1 day, 2:00:00.000005"),
            (-SECOND, "-1 day, 23:59:59"),
        ] {
            assert_eq!(Value::TimeSpan(span).to_text().unwrap(), expected);
        }
        assert_eq!(
            Value::TimeSpan(-SECOND).repr(),
            "datetime.timedelta(days=-1, seconds=86399)"
        );
    }
}
