//! Seals the secrets of a configuration before it is stored.

use model::{Object, SensorInstance};
use schema::Subschema;
use secrets::Vault;
use serde_json::Value;

/// The values, with those sealed that the schema calls `secret`, however deep, and by whatever keyword or reference
/// it gets there; so in the configurations of a sensor's instances. Nulls stay.
#[must_use]
pub fn seal_secrets(values: &Object, attributes: &Object, vault: &Vault) -> Object {
    let seal = |(key, value): (&String, &Value)| {
        let schemas: Vec<_> = Subschema::of_attribute(attributes, key)
            .into_iter()
            .collect();
        let sealed = if key == SensorInstance::KEY && schemas.is_empty() {
            seal_instances(value, attributes, vault)
        } else {
            seal(value, &schemas, vault)
        };
        (key.clone(), sealed)
    };
    values.iter().map(seal).collect()
}

/// The same for each `config` in the lists of instances.
fn seal_instances(classes: &Value, attributes: &Object, vault: &Vault) -> Value {
    let mut classes = classes.clone();
    let lists = classes
        .as_object_mut()
        .into_iter()
        .flat_map(Object::values_mut);
    let instances = lists.filter_map(Value::as_array_mut).flatten();
    for config in instances.filter_map(|instance| instance.get_mut("config")?.as_object_mut()) {
        *config = seal_secrets(config, attributes, vault);
    }
    classes
}

/// Whether the value at a path of a configuration is secret, is a part of something secret, or holds something secret.
pub(crate) fn touches_secret(attributes: &Object, path: &[String], value: &Value) -> bool {
    let Some((name, below)) = path.split_first() else {
        return attributes.keys().any(|name| {
            let schemas: Vec<_> = Subschema::of_attribute(attributes, name)
                .into_iter()
                .collect();
            holds_secret(value.get(name).unwrap_or(&Value::Null), &schemas)
        });
    };
    let mut schemas: Vec<_> = Subschema::of_attribute(attributes, name)
        .into_iter()
        .collect();
    for step in below {
        if schemas.iter().any(|schema| schema.is_secret()) {
            return true;
        }
        let index = step.parse().ok();
        let below = schemas.iter().flat_map(|schema| {
            let of_item = index.map(|index| schema.of_item(index)).unwrap_or_default();
            schema.of_member(step).into_iter().chain(of_item)
        });
        schemas = below.collect();
    }
    holds_secret(value, &schemas)
}

fn holds_secret(value: &Value, schemas: &[Subschema<'_>]) -> bool {
    if schemas.iter().any(|schema| schema.is_secret()) {
        return true;
    }
    match value {
        Value::Array(items) => items.iter().enumerate().any(|(index, item)| {
            let schemas = schemas.iter().flat_map(|schema| schema.of_item(index));
            holds_secret(item, &schemas.collect::<Vec<_>>())
        }),
        Value::Object(members) => members.iter().any(|(name, member)| {
            let schemas = schemas.iter().flat_map(|schema| schema.of_member(name));
            holds_secret(member, &schemas.collect::<Vec<_>>())
        }),
        _ => false,
    }
}

fn seal(value: &Value, schemas: &[Subschema<'_>], vault: &Vault) -> Value {
    if schemas.iter().any(|schema| schema.is_secret()) && !value.is_null() {
        return vault.seal_value(value);
    }
    match value {
        _ if schemas.is_empty() => value.clone(),
        Value::Array(items) => {
            let item = |(index, item): (usize, &Value)| {
                let schemas = schemas.iter().flat_map(|schema| schema.of_item(index));
                seal(item, &schemas.collect::<Vec<_>>(), vault)
            };
            Value::Array(items.iter().enumerate().map(item).collect())
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| {
                let schemas = schemas.iter().flat_map(|schema| schema.of_member(name));
                let sealed = seal(value, &schemas.collect::<Vec<_>>(), vault);
                (name.clone(), sealed)
            };
            Value::Object(members.iter().map(member).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seals_what_the_schema_calls_secret_however_deep() {
        let vault = Vault::ephemeral();
        let attributes = json!({
            "key": { "type": "string", "secret": true },
            "accounts": { "patternProperties": { "^a": { "$ref": "#/properties/account" } } },
            "account": { "type": "object", "properties": { "token": { "secret": true } } },
            "servers": { "type": "array", "items": { "type": "object", "properties": { "password": { "secret": true } } } },
        });
        let values = json!({
            "key": "k", "region": "eu", "servers": [{ "host": "a", "password": "p" }],
            "accounts": { "ada": { "token": "t", "name": "n" } },
            "sensor_instances": { "Watch": [{ "name": "one", "config": { "key": "i", "region": "us" } }] },
        });

        let sealed = Value::Object(seal_secrets(
            values.as_object().unwrap(),
            attributes.as_object().unwrap(),
            &vault,
        ));

        let shown = sealed.to_string();
        assert!(
            !["\"k\"", "\"p\"", "\"t\""]
                .iter()
                .any(|text| shown.contains(text))
        );
        assert_eq!(sealed["accounts"]["ada"]["name"], "n");
        assert_eq!(
            (&sealed["region"], &sealed["servers"][0]["host"]),
            (&json!("eu"), &json!("a"))
        );
        let opened = |value: &Value| vault.open_value(value).unwrap();
        assert_eq!(opened(&sealed["servers"][0]["password"]), json!("p"));
        let instance = &sealed["sensor_instances"]["Watch"][0];
        assert_eq!(instance["config"]["region"], "us");
        assert_eq!(opened(&instance["config"]["key"]), json!("i"));
    }
}
