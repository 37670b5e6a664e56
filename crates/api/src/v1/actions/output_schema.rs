//! The members that StackStorm's API adds to every output schema, where registering a file adds none.

use model::Object;
use serde_json::{Value, json};

/// Adds the members that are missing.
pub(super) fn complete(schema: &mut Object) {
    let defaults = [
        ("additionalItems", json!({})),
        ("items", json!({})),
        ("uniqueItems", json!(false)),
        ("required", json!(false)),
        ("secret", json!(false)),
        ("additionalProperties", json!({})),
        ("definitions", json!({})),
        ("properties", json!({})),
        ("patternProperties", json!({})),
        ("immutable", json!(false)),
    ];
    for (name, default) in defaults {
        let member = schema.entry(name).or_insert(Value::Null);
        if member.is_null() {
            *member = default;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_stays() {
        let mut schema = json!({"type": "object", "additionalProperties": false, "items": null});
        let schema = schema.as_object_mut().unwrap();

        complete(schema);

        assert_eq!(
            (&schema["type"], &schema["additionalProperties"]),
            (&json!("object"), &json!(false))
        );
        assert_eq!((&schema["items"], schema.len()), (&json!({}), 11));
    }
}
