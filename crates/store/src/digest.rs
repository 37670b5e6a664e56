//! Hashes that content is found by.

use model::Object;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Definition, Kind};

/// A hash of bytes: 32 hexadecimal digits of SHA-256.
pub(crate) fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write as _;

    let mut text = String::with_capacity(32);
    for byte in Sha256::digest(bytes).iter().take(16) {
        // Writing to a `String` does not fail.
        if write!(text, "{byte:02x}").is_err() {
            break;
        }
    }
    text
}

/// A hash of everything that a definition says, in its order. Not of its id, and not of the trigger that was found for
/// a rule: these are given anew each time that a file is read.
pub(crate) fn content_digest<D: Definition>(definition: &D) -> String {
    let mut value = serde_json::to_value(definition).unwrap_or_default();
    if let Some(members) = value.as_object_mut() {
        members.shift_remove("id");
        if D::KIND == Kind::Rule
            && let Some(trigger) = members.get_mut("trigger").and_then(Value::as_object_mut)
        {
            trigger.shift_remove("ref");
        }
    }
    digest(value.to_string().as_bytes())
}

/// A hash of a trigger's type and parameters; the order of keys does not matter.
pub(crate) fn trigger_digest(type_ref: &str, parameters: &Object) -> String {
    let mut text = String::from(type_ref);
    text.push('\n');
    push_object(&mut text, parameters);
    digest(text.as_bytes())
}

fn push_object(text: &mut String, object: &Object) {
    let mut members: Vec<(&String, &Value)> = object.iter().collect();
    members.sort_by_key(|(key, _)| *key);
    text.push('{');
    for (key, value) in members {
        text.push_str(&Value::from(key.as_str()).to_string());
        text.push(':');
        push_value(text, value);
        text.push(',');
    }
    text.push('}');
}

fn push_value(text: &mut String, value: &Value) {
    match value {
        Value::Object(object) => push_object(text, object),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                push_value(text, item);
                text.push(',');
            }
            text.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            text.push_str(&value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(parameters: &Value) -> String {
        trigger_digest("core.st2.webhook", parameters.as_object().unwrap())
    }

    #[test]
    fn does_not_mind_the_order_of_keys_at_any_depth() {
        assert_eq!(
            of(&json!({"a": 1, "b": [{"c": 2, "d": 3}]})),
            of(&json!({"b": [{"d": 3, "c": 2}], "a": 1}))
        );
    }

    #[test]
    fn minds_types_values_and_the_order_of_lists() {
        assert_ne!(of(&json!({"a": 1})), of(&json!({"a": "1"})));
        assert_ne!(of(&json!({"a": [1, 2]})), of(&json!({"a": [2, 1]})));
        assert_ne!(
            of(&json!({})),
            trigger_digest("core.st2.CronTimer", &Object::new())
        );
    }
}
