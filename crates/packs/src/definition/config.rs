//! Configuration: `config.schema.yaml`, and values that must meet it.

use model::{Object, PackConfigSchema, SensorInstance};
use schema::{Schema, ValidationError};
use serde_json::Value;

use super::Origin;
use crate::Complaint;
use crate::form::CONFIG_SCHEMA;
use crate::seal::touches_secret;

/// Checks a configuration schema and makes it (`ConfigSchemaAPI`).
pub fn config_schema(document: &Value, origin: &Origin<'_>) -> Result<PackConfigSchema, Complaint> {
    let is_empty =
        document.is_null() || document.as_object().is_some_and(serde_json::Map::is_empty);
    if is_empty {
        return Err(Complaint::value::<&str>(
            &[],
            "the schema is empty; remove the file if there is nothing to configure",
        ));
    }
    let attributes = CONFIG_SCHEMA.check(document)?;
    Ok(PackConfigSchema {
        id: origin.id(),
        pack: origin.pack.to_owned(),
        attributes,
    })
}

/// Checks configured values against the pack's schema, and returns them as they were given: defaults are filled in
/// when they are used. Keys that the schema does not name pass, as in `StackStorm`.
pub fn check_config(document: &Value, attributes: Option<&Object>) -> Result<Object, Complaint> {
    let values = match document {
        Value::Null => Object::new(),
        Value::Object(values) => values.clone(),
        other => {
            let shown = crate::complaint::shown(other);
            return Err(Complaint::value::<&str>(
                &[],
                format!("a configuration must be a mapping, not {shown}"),
            ));
        }
    };
    let instances = SensorInstance::of_config(&values, attributes)
        .map_err(|error| Complaint::value(&error.path, error.message))?;
    let Some(attributes) = attributes else {
        return Ok(values);
    };
    let schema = Schema::compile_attributes(attributes, true).map_err(|error| {
        Complaint::value::<&str>(
            &[],
            format!("the pack's config.schema.yaml cannot be used: {error}"),
        )
    })?;
    let instance = Value::Object(values.clone());
    let cleaned = schema
        .validate(&instance)
        .map_err(|error| complaint(&error, attributes))?;
    refuse_decryption(&cleaned, attributes)?;
    for (class, instances) in &instances {
        for (at, instance) in instances.iter().enumerate() {
            let whole = Value::Object(instance.lay_over(&values));
            let checked = schema
                .validate(&whole)
                .map_err(|error| complaint(&error, attributes))
                .and_then(|cleaned| refuse_decryption(&cleaned, attributes));
            checked.map_err(|mut complaint| {
                let (name, words) = (&instance.name, complaint.message);
                complaint.message = format!("instance `{name}` of sensor `{class}`: {words}");
                complaint.below(&[SensorInstance::KEY, class, &at.to_string(), "config"])
            })?;
        }
    }
    Ok(values)
}

/// What is wrong, without the value where that is a secret or holds some.
fn complaint(error: &ValidationError, attributes: &Object) -> Complaint {
    let shows_value = !matches!(error.validator, "required" | "additionalProperties");
    if shows_value && touches_secret(attributes, &error.path, &error.detail.instance) {
        let name = error.path.join(".");
        let stated = match stated(&error.detail.expected) {
            Some(expected) => format!("{}: {expected}", error.validator),
            None => error.validator.to_owned(),
        };
        let words = format!(
            "\"{name}\" does not meet `{stated}` of its schema; what is given is not shown, since it is or holds a secret"
        );
        return Complaint::value(&error.path, words);
    }
    Complaint::of_schema(error, |path| {
        let known = attributes.keys().filter(|_| path.is_empty());
        known.cloned().collect()
    })
}

/// What a keyword states, in a word where that is enough. Where null is fine, that is not worth a word.
fn stated(expected: &Value) -> Option<String> {
    match expected {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(expected.to_string()),
        Value::Array(items) => {
            let names: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            let names = names?.into_iter().filter(|name| *name != "null");
            Some(names.collect::<Vec<_>>().join(" or "))
        }
        Value::Null | Value::Object(_) => None,
    }
}

/// Secrets are decrypted by themselves, so a filter that decrypts once more is a mistake.
fn refuse_decryption(cleaned: &Value, attributes: &Object) -> Result<(), Complaint> {
    for (key, value) in cleaned.as_object().into_iter().flatten() {
        let is_secret =
            attributes.get(key).and_then(|schema| schema.get("secret")) == Some(&Value::Bool(true));
        let text = value.as_str().unwrap_or_default();
        if is_secret && text.contains("{{") && text.contains("decrypt_kv") {
            let words = format!(
                "\"{key}\" is a secret and decrypted by itself; leave out the filter `decrypt_kv`"
            );
            return Err(Complaint::value(&[key], words));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_complaint_does_not_show_what_is_secret() {
        let attributes = json!({
            "password": { "type": "string", "secret": true },
            "account": { "type": "object", "properties": { "token": { "type": "string", "secret": true } } },
            "accounts": { "type": "object", "patternProperties": { "^a": { "$ref": "#/properties/account" } } },
            "port": { "type": "integer" },
        });
        let refused = |values: Value| {
            let refused = check_config(&values, attributes.as_object());
            refused.unwrap_err().message
        };

        for values in [
            json!({ "password": 4711 }),
            json!({ "account": { "token": 4711 } }),
            json!({ "accounts": { "ada": { "token": 4711 } } }),
        ] {
            let said = refused(values);
            assert!(
                !said.contains("4711") && said.contains("`type: string`"),
                "{said}"
            );
        }
        assert_eq!(
            refused(json!({ "port": "x" })),
            "\"port\" must be a whole number, not \"x\""
        );
    }

    #[test]
    fn each_instance_of_a_sensor_must_meet_the_schema_too() {
        let attributes = json!({"port": {"type": "integer", "required": true}});
        let values = |port: &Value| json!({"port": 1, "sensor_instances": {"Watch": [{"name": "a"}, {"name": "b", "config": {"port": port}}]}});
        let check = |port: Value| check_config(&values(&port), attributes.as_object());

        assert_eq!(
            check(json!(2)).unwrap(),
            *values(&json!(2)).as_object().unwrap()
        );
        let complaint = check(json!("x")).unwrap_err();
        assert_eq!(
            complaint.path.join("."),
            "sensor_instances.Watch.1.config.port"
        );
    }
}
