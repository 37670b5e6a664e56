//! Seals the secrets of a configuration before it is stored.

use model::Object;
use secrets::Vault;
use serde_json::Value;

/// The values, with those sealed that the schema calls `secret`, however deep. Nulls stay.
#[must_use]
pub fn seal_secrets(values: &Object, attributes: &Object, vault: &Vault) -> Object {
    let seal = |(key, value): (&String, &Value)| {
        let sealed = attributes
            .get(key)
            .map_or_else(|| value.clone(), |schema| seal(value, schema, vault));
        (key.clone(), sealed)
    };
    values.iter().map(seal).collect()
}

fn seal(value: &Value, schema: &Value, vault: &Vault) -> Value {
    if schema.get("secret") == Some(&Value::Bool(true)) {
        return if value.is_null() {
            Value::Null
        } else {
            vault.seal_value(value)
        };
    }
    match value {
        Value::Array(items) => {
            let of_items = schema.get("items");
            let item = |item: &Value| {
                of_items.map_or_else(|| item.clone(), |schema| seal(item, schema, vault))
            };
            Value::Array(items.iter().map(item).collect())
        }
        Value::Object(members) => {
            let named = schema.get("properties");
            let rest = schema.get("additionalProperties");
            let member = |(key, value): (&String, &Value)| {
                let schema = named.and_then(|named| named.get(key)).or(rest);
                (
                    key.clone(),
                    schema.map_or_else(|| value.clone(), |schema| seal(value, schema, vault)),
                )
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
            "servers": { "type": "array", "items": { "type": "object", "properties": { "password": { "secret": true } } } },
        });
        let values =
            json!({ "key": "k", "region": "eu", "servers": [{ "host": "a", "password": "p" }] });

        let sealed = Value::Object(seal_secrets(
            values.as_object().unwrap(),
            attributes.as_object().unwrap(),
            &vault,
        ));

        assert!(!sealed.to_string().contains("\"k\"") && !sealed.to_string().contains("\"p\""));
        assert_eq!(
            (&sealed["region"], &sealed["servers"][0]["host"]),
            (&json!("eu"), &json!("a"))
        );
        assert_eq!(
            vault.open_value(&sealed["servers"][0]["password"]).unwrap(),
            json!("p")
        );
    }
}
