//! What the schema's keywords ask of a value.

use serde_json::Value as Json;
use yaml::{Entry, Node, Value};

use super::with_items;
use crate::inspect::python::{key_repr, repr};

pub(super) fn has_type(node: &Node, name: &str) -> bool {
    match &node.value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Integer(_) | Value::Unsigned(_) => matches!(name, "integer" | "number"),
        Value::Float(_) => name == "number",
        Value::Text(_) => name == "string",
        Value::List(_) => name == "array",
        Value::Mapping(_) => name == "object",
        // Python reads a date, which is none of these.
        Value::Timestamp(_) => false,
    }
}

pub(super) fn number(node: &Node) -> Option<f64> {
    match &node.value {
        #[expect(
            clippy::cast_precision_loss,
            reason = "limits are small, so only the sign of great numbers matters"
        )]
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    }
}

/// Equality with one of an `enum`'s values, all of which are texts and numbers.
pub(super) fn is_equal(node: &Node, value: &Json) -> bool {
    match (&node.value, value) {
        (Value::Text(text), Json::String(value)) => text == value,
        (_, Json::Number(value)) => {
            number(node).is_some_and(|number| Some(number) == value.as_f64())
        }
        _ => false,
    }
}

/// A text that two values share if, and only if, Python takes them for equal: numbers by value, mappings in any order.
pub(super) fn canonical(node: &Node) -> String {
    match &node.value {
        Value::Integer(_) | Value::Float(_) => match number(node) {
            Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => {
                // Zero has no sign.
                format!("{:.0}", number + 0.0)
            }
            _ => repr(node),
        },
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Mapping(entries) => {
            let member = |entry: &Entry| format!("{}:{}", key_repr(entry), canonical(&entry.value));
            let mut members: Vec<String> = entries.iter().map(member).collect();
            members.sort_unstable();
            format!("{{{}}}", members.join(","))
        }
        _ => repr(node),
    }
}

/// `^\w+$`, where the end is also before a last line end.
pub(super) fn is_word(name: &str) -> bool {
    let name = name.strip_suffix('\n').unwrap_or(name);
    !name.is_empty() && name.chars().all(with_items::is_word)
}
