//! Packs' configurations as templates see them (`config_context`).

use std::sync::Arc;

use expr::{Mentioned, Template, Variables};
use model::{Object, PackConfig, PackConfigSchema};
use secrets::Vault;
use serde_json::Value;

/// A pack's configuration: defaults of its schema, values over them, secrets opened.
#[derive(Debug)]
pub(crate) struct Settings {
    values: Arc<Value>,
    /// What the values read of the datastore; values without templates read nothing.
    pub(crate) datastore: Mentioned,
    is_dynamic: bool,
}

impl Settings {
    pub(crate) fn new(
        schema: Option<&PackConfigSchema>,
        config: Option<&PackConfig>,
        vault: &Vault,
    ) -> Self {
        let mut values = schema
            .map(|schema| defaults(&schema.attributes))
            .unwrap_or_default();
        if let Some(config) = config {
            merge(&mut values, &config.values);
        }
        let mut values = Value::Object(values);
        open(&mut values, vault);
        let mut settings = Self {
            values: Arc::new(Value::Null),
            datastore: Mentioned::default(),
            is_dynamic: false,
        };
        settings.look_at(&values);
        settings.values = Arc::new(values);
        settings
    }

    fn look_at(&mut self, value: &Value) {
        match value {
            Value::String(text) if Template::is_template(text) => {
                self.is_dynamic = true;
                if let Ok(template) = Template::compile(text) {
                    self.datastore.merge(template.datastore());
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.look_at(item)),
            Value::Object(members) => members.values().for_each(|member| self.look_at(member)),
            _ => {}
        }
    }

    /// The configuration, with what it reads of the datastore filled in.
    pub(crate) fn read(&self, variables: &Variables, vault: &Vault) -> Result<Arc<Value>, String> {
        if !self.is_dynamic {
            return Ok(Arc::clone(&self.values));
        }
        let mut values = Value::clone(&self.values);
        render(&mut values, variables)?;
        open(&mut values, vault);
        Ok(Arc::new(values))
    }
}

/// The defaults that a configuration's schema states, also in nested objects.
fn defaults(attributes: &Object) -> Object {
    let mut values = Object::new();
    for (name, schema) in attributes {
        let nested = schema
            .get("properties")
            .and_then(Value::as_object)
            .map(defaults)
            .unwrap_or_default();
        match schema.get("default") {
            Some(default) => values.insert(name.clone(), default.clone()),
            None if !nested.is_empty() => values.insert(name.clone(), Value::Object(nested)),
            None => None,
        };
    }
    values
}

fn merge(values: &mut Object, over: &Object) {
    for (name, value) in over {
        match (values.get_mut(name), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            _ => {
                values.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Opens what is sealed; what cannot be opened stays sealed, and whoever uses it fails there.
fn open(value: &mut Value, vault: &Vault) {
    match value {
        Value::String(text) if Vault::is_sealed(text) => {
            if let Ok(opened) = vault.open_value(value) {
                *value = opened;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| open(item, vault)),
        Value::Object(members) => members.values_mut().for_each(|member| open(member, vault)),
        _ => {}
    }
}

fn render(value: &mut Value, variables: &Variables) -> Result<(), String> {
    match value {
        Value::String(text) if Template::is_template(text) => {
            let rendered = Template::compile(text).and_then(|template| template.render(variables));
            *text = rendered
                .map_err(|error| format!("the pack's configuration holds `{text}`: {error}"))?;
            Ok(())
        }
        Value::Array(items) => items
            .iter_mut()
            .try_for_each(|item| render(item, variables)),
        Value::Object(members) => members
            .values_mut()
            .try_for_each(|member| render(member, variables)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn schema(attributes: &Value) -> PackConfigSchema {
        let id = model::IdSource::new().next(chrono::DateTime::UNIX_EPOCH);
        PackConfigSchema {
            id,
            pack: "p".to_owned(),
            attributes: attributes.as_object().unwrap().clone(),
        }
    }

    fn config(values: &Value) -> PackConfig {
        let id = model::IdSource::new().next(chrono::DateTime::UNIX_EPOCH);
        PackConfig {
            id,
            pack: "p".to_owned(),
            values: values.as_object().unwrap().clone(),
        }
    }

    #[test]
    fn values_lie_over_defaults_and_secrets_are_open() {
        let vault = Vault::ephemeral();
        let schema = schema(&json!({
            "url": {"default": "http://a"},
            "login": {"type": "object", "properties": {"user": {"default": "root"}, "password": {"secret": true}}},
        }));
        let config = config(&json!({"login": {"password": vault.seal_value(&json!("hunter2"))}}));

        let settings = Settings::new(Some(&schema), Some(&config), &vault);

        let expected = json!({"url": "http://a", "login": {"user": "root", "password": "hunter2"}});
        assert_eq!(
            *settings.read(&Variables::default(), &vault).unwrap(),
            expected
        );
    }

    #[test]
    fn values_may_come_from_the_datastore() {
        let settings = Settings::new(
            None,
            Some(&config(&json!({"k": "{{ st2kv.system.key }}"}))),
            &Vault::ephemeral(),
        );

        assert!(
            settings
                .datastore
                .names
                .contains(&(expr::Scope::System, "key".to_owned()))
        );
        let error = settings
            .read(&Variables::default(), &Vault::ephemeral())
            .unwrap_err();
        assert!(
            error.starts_with("the pack's configuration holds `{{ st2kv.system.key }}`"),
            "{error}"
        );
    }
}
