//! Where secrets stand in parameters and results, and sealing, opening and masking them there.

use model::Object;
use secrets::Vault;
use serde_json::Value;

use super::ParameterError;

/// The places of secrets in a value, as its schema marks them with `secret: true`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Secrets {
    /// Everything here is secret.
    is_whole: bool,
    properties: Vec<(String, Secrets)>,
    items: Option<Box<Secrets>>,
    additional: Option<Box<Secrets>>,
}

impl Secrets {
    /// The secrets that parameter schemas mark; of a name in both, either schema may mark it.
    pub(crate) fn of_parameters(schemas: &[&Object]) -> Self {
        let mut all = Self::default();
        for (name, schema) in schemas.iter().flat_map(|schemas| schemas.iter()) {
            let found = Self::of_schema(schema);
            if !found.is_empty() {
                all.properties.push((name.clone(), found));
            }
        }
        all
    }

    /// The secrets of a value with this schema.
    pub(crate) fn of_schema(schema: &Value) -> Self {
        if schema.get("secret") == Some(&Value::Bool(true)) {
            return Self {
                is_whole: true,
                ..Self::default()
            };
        }
        let nested = |key: &str| {
            let found = schema
                .get(key)
                .filter(|nested| nested.is_object())
                .map(Self::of_schema);
            found.filter(|found| !found.is_empty()).map(Box::new)
        };
        let mut found = Self {
            items: nested("items"),
            additional: nested("additionalProperties"),
            ..Self::default()
        };
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            found.properties = Self::of_parameters(&[properties]).properties;
        }
        found
    }

    /// The secrets of an output: its schema is one of an object, or names the attributes right away.
    pub(crate) fn of_output(schema: &Object) -> Self {
        if schema.get("type").is_some_and(Value::is_string)
            || schema.get("secret").is_some_and(Value::is_boolean)
        {
            Self::of_schema(&Value::Object(schema.clone()))
        } else {
            Self::of_parameters(&[schema])
        }
    }

    /// Adds the secrets of a property.
    pub(crate) fn add(&mut self, property: &str, secrets: Self) {
        if !secrets.is_empty() {
            self.properties.push((property.to_owned(), secrets));
        }
    }

    /// Adds secrets of the same value.
    pub(crate) fn add_all(&mut self, other: Self) {
        self.is_whole |= other.is_whole;
        self.properties.extend(other.properties);
        self.items = self.items.take().or(other.items);
        self.additional = self.additional.take().or(other.additional);
    }

    /// Whether nothing is secret.
    pub(crate) fn is_empty(&self) -> bool {
        !self.is_whole
            && self.properties.is_empty()
            && self.items.is_none()
            && self.additional.is_none()
    }

    /// Calls `change` on each secret value that is not null.
    pub(crate) fn each<E>(
        &self,
        value: &mut Value,
        change: &mut impl FnMut(&mut Value) -> Result<(), E>,
    ) -> Result<(), E> {
        if self.is_whole {
            return if value.is_null() {
                Ok(())
            } else {
                change(value)
            };
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    self.each_member(name, member, change)?;
                }
            }
            Value::Array(items) => {
                for (item, secrets) in items.iter_mut().zip(std::iter::repeat(&self.items)) {
                    if let Some(secrets) = secrets {
                        secrets.each(item, change)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn each_member<E>(
        &self,
        name: &str,
        member: &mut Value,
        change: &mut impl FnMut(&mut Value) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut is_named = false;
        for (_, secrets) in self.properties.iter().filter(|(known, _)| known == name) {
            // What both schemas mark whole is changed once.
            if is_named && secrets.is_whole {
                continue;
            }
            is_named = true;
            secrets.each(member, change)?;
        }
        match &self.additional {
            Some(secrets) if !is_named => secrets.each(member, change),
            _ => Ok(()),
        }
    }
}

/// Parameters with their secrets sealed.
pub(crate) fn seal(secrets: &Secrets, parameters: Object, vault: &Vault) -> Object {
    let sealed = change(secrets, Value::Object(parameters), |value| {
        *value = vault.seal_value(value);
        Ok::<(), std::convert::Infallible>(())
    });
    match sealed {
        Ok(parameters) => parameters,
        Err(never) => match never {},
    }
}

/// Parameters with their secrets opened.
pub(crate) fn open(
    secrets: &Secrets,
    parameters: &Object,
    vault: &Vault,
) -> Result<Object, ParameterError> {
    change(secrets, Value::Object(parameters.clone()), |value| {
        *value = vault
            .open_value(value)
            .map_err(|error| ParameterError::Sealed {
                parameter: owner(parameters, value),
                reason: error.to_string(),
            })?;
        Ok(())
    })
}

/// The parameter that holds a value.
fn owner(parameters: &Object, value: &Value) -> String {
    fn holds(outer: &Value, inner: &Value) -> bool {
        outer == inner
            || match outer {
                Value::Array(items) => items.iter().any(|item| holds(item, inner)),
                Value::Object(members) => members.values().any(|member| holds(member, inner)),
                _ => false,
            }
    }
    parameters
        .iter()
        .find(|(_, outer)| holds(outer, value))
        .map_or_else(String::new, |(name, _)| name.clone())
}

fn change<E>(
    secrets: &Secrets,
    mut parameters: Value,
    mut change: impl FnMut(&mut Value) -> Result<(), E>,
) -> Result<Object, E> {
    if !secrets.is_empty() {
        secrets.each(&mut parameters, &mut change)?;
    }
    Ok(match parameters {
        Value::Object(parameters) => parameters,
        _ => Object::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Object {
        match value {
            Value::Object(members) => members,
            other => panic!("{other} is no object"),
        }
    }

    fn schemas() -> Object {
        object(json!({
            "password": {"type": "string", "secret": true},
            "login": {"type": "object", "properties": {"user": {}, "token": {"secret": true}}},
            "keys": {"type": "array", "items": {"properties": {"k": {"secret": true}}}},
            "env": {"type": "object", "additionalProperties": {"secret": true}},
            "host": {"type": "string"},
        }))
    }

    #[test]
    fn seals_and_opens_secrets_wherever_they_stand() {
        let vault = Vault::ephemeral();
        let secrets = Secrets::of_parameters(&[&schemas()]);
        let parameters = object(json!({
            "password": "p1", "login": {"user": "u", "token": 7}, "keys": [{"k": "p2"}, {"x": 1}], "env": {"A": "p3"}, "host": "h",
        }));

        let sealed = seal(&secrets, parameters.clone(), &vault);

        let text = Value::Object(sealed.clone()).to_string();
        assert!(
            !["p1", "p2", "p3", "7,"]
                .iter()
                .any(|secret| text.contains(&format!("\"{secret}\""))),
            "{text}"
        );
        assert_eq!(sealed["login"]["user"], "u");
        assert_eq!(sealed["host"], "h");
        assert_eq!(open(&secrets, &sealed, &vault).unwrap(), parameters);
    }

    #[test]
    fn a_null_is_no_secret() {
        let secrets = Secrets::of_parameters(&[&schemas()]);

        let sealed = seal(
            &secrets,
            object(json!({"password": null})),
            &Vault::ephemeral(),
        );

        assert_eq!(Value::Object(sealed), json!({"password": null}));
    }

    #[test]
    fn a_name_in_both_schemas_is_sealed_once() {
        let vault = Vault::ephemeral();
        let secrets = Secrets::of_parameters(&[&schemas(), &schemas()]);

        let sealed = seal(&secrets, object(json!({"password": "p"})), &vault);

        assert_eq!(vault.open_value(&sealed["password"]).unwrap(), "p");
    }

    #[test]
    fn an_error_names_the_parameter_that_another_key_sealed() {
        let secrets = Secrets::of_parameters(&[&schemas()]);
        let sealed = seal(
            &secrets,
            object(json!({"login": {"token": "t"}})),
            &Vault::ephemeral(),
        );

        let error = open(&secrets, &sealed, &Vault::ephemeral()).unwrap_err();

        assert_eq!(
            error.to_string(),
            "parameter `login` cannot be decrypted: the value was encrypted under another key, or was damaged"
        );
    }
}
