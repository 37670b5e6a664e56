//! How Python writes what it read from YAML, and what it takes for false.

use std::fmt::Write as _;

use yaml::{Entry, Node, Value};

/// The text that `repr` gives.
pub(super) fn repr(node: &Node) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

/// The text that `repr` gives for a text.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::new();
    pyvalue::write_quoted(text, &mut out);
    out
}

/// The text that `repr` gives for a key, which need not be text.
pub(super) fn key_repr(entry: &Entry) -> String {
    if entry.is_text_key {
        return quoted(&entry.key);
    }
    match entry.key.as_str() {
        "null" => "None".to_owned(),
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        other => other.to_owned(),
    }
}

fn write(node: &Node, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Integer(number) => append(number, out),
        Value::Unsigned(number) => append(number, out),
        Value::Float(number) => out.push_str(&pyvalue::float_text(*number)),
        Value::Text(text) => pyvalue::write_quoted(text, out),
        Value::Timestamp(text) => write_timestamp(text, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                write(item, out);
            }
            out.push(']');
        }
        Value::Mapping(entries) => {
            out.push('{');
            for (at, entry) in entries.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(&key_repr(entry));
                out.push_str(": ");
                write(&entry.value, out);
            }
            out.push('}');
        }
    }
}

fn append(number: impl std::fmt::Display, out: &mut String) {
    let _infallible = write!(out, "{number}");
}

/// A date as its constructor would be called; of a time zone nothing is said.
fn write_timestamp(text: &str, out: &mut String) {
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let time = time.split(['+', '-', 'Z']).next().unwrap_or_default();
    let numbers = date.split('-').chain(time.split([':', '.']));
    let mut numbers: Vec<u32> = numbers.filter_map(|part| part.parse().ok()).collect();
    // The year, month, day, hour and minute are always written; seconds and their fractions unless they are zero.
    while numbers.len() > 5 && numbers.last() == Some(&0) {
        numbers.pop();
    }
    let class = if numbers.len() == 3 {
        "date"
    } else {
        "datetime"
    };
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    let _infallible = write!(out, "datetime.{class}({})", numbers.join(", "));
}

/// Whether Python takes a value for false.
pub(super) fn is_falsy(value: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    match value {
        Json::Null => true,
        Json::Bool(value) => !value,
        Json::Number(number) => number.as_f64() == Some(0.0),
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
    }
}

/// Turns escapes into the characters they stand for, as Orquesta does with messages about the syntax.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut characters = rest.chars();
        let escaped = characters.next();
        let simple = match escaped {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('\\' | '\'' | '"') => escaped,
            _ => None,
        };
        let coded = escaped.and_then(|kind| coded(kind, characters.as_str()));
        if let Some(character) = simple {
            out.push(character);
            rest = characters.as_str();
        } else if let Some((character, after)) = coded {
            out.push(character);
            rest = after;
        } else {
            out.push('\\');
        }
    }
    out.push_str(rest);
    out
}

/// The character of `\xNN`, `\uNNNN` and `\UNNNNNNNN`, and what follows it.
fn coded(kind: char, digits: &str) -> Option<(char, &str)> {
    let length = match kind {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let code = u32::from_str_radix(digits.get(..length)?, 16).ok()?;
    Some((char::from_u32(code)?, &digits[length..]))
}
