//! The effective schema of an action: its runner's parameters merged with its own.

use serde_json::{Map, Value, json};

use crate::SchemaError;
use crate::equality::equal;

/// What an action may say about a parameter of its runner.
const OVERRIDABLE: [&str; 5] = ["default", "description", "enum", "immutable", "required"];

/// The runner's parameters, deeply merged with the action's; the runner's come first.
///
/// An action may change `default`, `description`, `enum`, `immutable` and `required` of a runner's parameter; other
/// attributes may only be repeated as they are (`get_schema_for_action_parameters` of st2).
pub fn effective_parameters(
    runner_parameters: &Map<String, Value>,
    action_parameters: &Map<String, Value>,
) -> Result<Map<String, Value>, SchemaError> {
    let mut merged = runner_parameters.clone();
    for (name, own) in action_parameters {
        if let (Some(Value::Object(theirs)), Value::Object(own)) =
            (runner_parameters.get(name), own)
        {
            check_override(name, theirs, own)?;
        }
    }
    merge(&mut merged, action_parameters);
    Ok(merged)
}

fn check_override(
    parameter: &str,
    theirs: &Map<String, Value>,
    own: &Map<String, Value>,
) -> Result<(), SchemaError> {
    for (attribute, value) in own {
        let is_same = equal(theirs.get(attribute).unwrap_or(&Value::Null), value);
        if !is_same && !OVERRIDABLE.contains(&attribute.as_str()) {
            let (parameter, attribute) = (parameter.to_owned(), attribute.clone());
            return Err(SchemaError::Override {
                parameter,
                attribute,
            });
        }
    }
    Ok(())
}

fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// An object schema of these attributes; `{}`, which takes anything, where there are none.
pub(crate) fn wrap(attributes: &Map<String, Value>, allow_additional: bool) -> Value {
    if attributes.is_empty() {
        return json!({});
    }
    let properties: Map<String, Value> = attributes
        .iter()
        .map(|(name, schema)| {
            (
                name.clone(),
                if is_falsy(schema) {
                    any_type()
                } else {
                    schema.clone()
                },
            )
        })
        .collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": allow_additional })
}

fn is_falsy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Object(object) => object.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Bool(true) => false,
    }
}

fn any_type() -> Value {
    let types = ["array", "boolean", "integer", "number", "object", "string"];
    json!({ "anyOf": types.map(|name| json!({ "type": name })) })
}
