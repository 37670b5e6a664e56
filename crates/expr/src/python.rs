//! Python's texts of JSON values: what `str()` and `repr()` print, and what `json.dumps` writes.

use pyvalue::json::write_string;
use serde_json::Value;

pub use pyvalue::{float_text, write_quoted};

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
        Value::String(text) => write_string(text, style.ascii, out),
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
                write_string(key, style.ascii, out);
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
