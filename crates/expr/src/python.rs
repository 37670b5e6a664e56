//! Python's texts of JSON values: what `str()` and `repr()` print, and what `json.dumps` writes.

use std::fmt::Write as _;
use std::sync::LazyLock;

use fancy_regex::Regex;
use serde_json::Value;

/// What Python's `str()` prints: texts as they are, everything else as [`repr`].
#[must_use]
pub fn str(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => repr(other),
    }
}

/// What Python's `repr()` prints: `None`, `True`, `1e+16`, `'it'`, `[1, 'a']`, `{'k': None}`.
#[must_use]
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write_repr(value, &mut out);
    out
}

/// Appends what [`repr`] gives.
pub fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_quoted(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_repr(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write_quoted(key, out);
                out.push_str(": ");
                write_repr(value, out);
            }
            out.push('}');
        }
    }
}

fn write_number(number: &serde_json::Number, out: &mut String) {
    match number.as_f64() {
        Some(float) if number.is_f64() => out.push_str(&float_text(float)),
        _ => out.push_str(&number.to_string()),
    }
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
    let scientific = format!("{float:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = float.to_string();
        return if plain.contains('.') {
            plain
        } else {
            format!("{plain}.0")
        };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
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
    // Writing to a text cannot fail.
    let written = match code {
        0..=0xff => write!(out, "\\x{code:02x}"),
        0x100..=0xffff => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
    debug_assert!(written.is_ok());
}

/// Python escapes controls, unassigned characters and all blanks but the usual one.
fn is_printable(character: char) -> bool {
    static UNPRINTABLE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"[\p{C}\p{Z}]").ok());
    let mut bytes = [0; 4];
    let text = character.encode_utf8(&mut bytes);
    !UNPRINTABLE
        .as_ref()
        .is_some_and(|unprintable| unprintable.is_match(text).unwrap_or(true))
}

/// What Python's `json.dumps` writes by default: `", "` and `": "` between things, ASCII only.
#[must_use]
pub fn json_text(value: &Value) -> String {
    json_text_with(
        value,
        &JsonStyle {
            item: ", ",
            key: ": ",
            indent: None,
            ascii: true,
        },
    )
}

/// How JSON is written.
#[derive(Debug, Clone)]
pub struct JsonStyle<'s> {
    /// Between items.
    pub item: &'s str,
    /// Between key and value.
    pub key: &'s str,
    /// Each item on a line of its own, indented by this.
    pub indent: Option<&'s str>,
    /// Everything beyond ASCII is escaped.
    pub ascii: bool,
}

/// What Python's `json.dumps` writes in a style of one's own.
#[must_use]
pub fn json_text_with(value: &Value, style: &JsonStyle<'_>) -> String {
    let mut out = String::new();
    write_json(value, style, 0, &mut out);
    out
}

fn write_json(value: &Value, style: &JsonStyle<'_>, depth: usize, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_json_string(text, style.ascii, out),
        Value::Array(items) if items.is_empty() => out.push_str("[]"),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                separate(at, style, depth + 1, out);
                write_json(item, style, depth + 1, out);
            }
            close(']', style, depth, out);
        }
        Value::Object(members) if members.is_empty() => out.push_str("{}"),
        Value::Object(members) => {
            out.push('{');
            for (at, (key, value)) in members.iter().enumerate() {
                separate(at, style, depth + 1, out);
                write_json_string(key, style.ascii, out);
                out.push_str(style.key);
                write_json(value, style, depth + 1, out);
            }
            close('}', style, depth, out);
        }
    }
}

fn separate(at: usize, style: &JsonStyle<'_>, depth: usize, out: &mut String) {
    if at > 0 {
        out.push_str(style.item);
    }
    break_line(style, depth, out);
}

fn close(bracket: char, style: &JsonStyle<'_>, depth: usize, out: &mut String) {
    break_line(style, depth, out);
    out.push(bracket);
}

fn break_line(style: &JsonStyle<'_>, depth: usize, out: &mut String) {
    if let Some(indent) = style.indent {
        out.push('\n');
        for _ in 0..depth {
            out.push_str(indent);
        }
    }
}

fn write_json_string(text: &str, ascii: bool, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            c if c < ' ' || (ascii && c > '~') => write_utf16(c, out),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_utf16(character: char, out: &mut String) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        let written = write!(out, "\\u{unit:04x}");
        debug_assert!(written.is_ok());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prints_values_as_python_does() {
        for (value, expected) in [
            (json!(null), "None"),
            (
                json!([true, false, 1, -2.5, "a"]),
                "[True, False, 1, -2.5, 'a']",
            ),
            (
                json!({"k": "it's", "q": "\"'"}),
                r#"{'k': "it's", 'q': '"\''}"#,
            ),
            (
                json!("a\n\u{1}é\u{200b}\u{2028}\u{301}😀"),
                "'a\\n\\x01é\\u200b\\u2028\u{301}😀'",
            ),
        ] {
            assert_eq!(repr(&value), expected);
        }
        assert_eq!(str(&json!("plain")), "plain");
    }

    #[test]
    fn prints_floats_as_python_does() {
        for (float, expected) in [
            (1.0, "1.0"),
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1.5e-7, "1.5e-07"),
            (0.0001, "0.0001"),
            (0.1 + 0.2, "0.30000000000000004"),
            (-1e100, "-1e+100"),
            (f64::INFINITY, "inf"),
        ] {
            assert_eq!(float_text(float), expected);
        }
    }

    #[test]
    fn writes_json_as_python_does() {
        let value = json!({"a": [1, "é😀\n"], "b": {}});

        assert_eq!(
            json_text(&value),
            "{\"a\": [1, \"\\u00e9\\ud83d\\ude00\\n\"], \"b\": {}}"
        );
        let style = JsonStyle {
            item: ",",
            key: ": ",
            indent: Some("  "),
            ascii: false,
        };
        assert_eq!(
            json_text_with(&value, &style),
            "{\n  \"a\": [\n    1,\n    \"é😀\\n\"\n  ],\n  \"b\": {}\n}"
        );
    }
}
