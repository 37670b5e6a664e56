//! Values as Python's `repr` writes them.

use std::fmt::Write as _;

use serde_json::{Number, Value};

/// The text that Python's `repr` gives for a value that came from JSON or YAML.
#[must_use]
pub fn repr(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

pub(crate) fn text_repr(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_text(text, &mut out);
    out
}

fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_text(text, out),
        Value::Array(items) => {
            out.push('[');
            separated(out, items, write);
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            separated(out, object, |(key, value), out| {
                write_text(key, out);
                out.push_str(": ");
                write(value, out);
            });
            out.push('}');
        }
    }
}

fn separated<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(T, &mut String),
) {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        each(item, out);
    }
}

fn write_text(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _infallible = write!(out, "\\x{:02x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

fn write_number(number: &Number, out: &mut String) {
    if !number.is_f64() {
        let _infallible = write!(out, "{number}");
        return;
    }
    let value = number.as_f64().unwrap_or(f64::NAN);
    // Rust and Python agree on the shortest digits, not on when to write an exponent.
    let scientific = format!("{value:e}");
    let exponent = scientific
        .split_once('e')
        .and_then(|(_, power)| power.parse::<i32>().ok())
        .unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let _infallible = write!(out, "{value:?}");
        return;
    }
    let digits = scientific.split('e').next().unwrap_or_default();
    let sign = if exponent < 0 { '-' } else { '+' };
    let _infallible = write!(out, "{digits}e{sign}{:02}", exponent.abs());
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_what_python_writes() {
        let value = json!({ "a": [1, 1.0, true, null, "it's", "say \"it's\""], "b": {} });

        assert_eq!(
            repr(&value),
            r#"{'a': [1, 1.0, True, None, "it's", 'say "it\'s"'], 'b': {}}"#
        );
    }

    #[test]
    fn writes_exponents_as_python_does() {
        let cases = [
            (1e16, "1e+16"),
            (1e15, "1000000000000000.0"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (1.5e300, "1.5e+300"),
        ];
        for (value, text) in cases {
            assert_eq!(repr(&json!(value)), text);
        }
    }
}
