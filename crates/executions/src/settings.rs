//! Packs' configurations as templates see them (`config_context`).

use std::sync::Arc;

use expr::{Mentioned, Template, TemplateError, Variables};
use model::{Object, PackConfig, PackConfigSchema};
use secrets::Vault;
use serde_json::Value;

/// A pack's configuration: defaults of its schema, values over them, secrets opened, templates compiled.
#[derive(Debug)]
pub(crate) struct Settings {
    values: Arc<Value>,
    /// Where the values hold templates.
    templates: Vec<Dynamic>,
    /// What the templates read of the datastore.
    pub(crate) datastore: Mentioned,
}

/// A value that comes from the datastore.
#[derive(Debug)]
struct Dynamic {
    /// Where it stands, as a JSON pointer.
    pointer: String,
    template: Result<Template, TemplateError>,
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
        let mut templates = Vec::new();
        compile(&values, &mut String::new(), &mut templates);
        let mut datastore = Mentioned::default();
        for template in templates.iter().flat_map(|dynamic| &dynamic.template) {
            datastore.merge(template.datastore());
        }
        Self {
            values: Arc::new(values),
            templates,
            datastore,
        }
    }

    /// The configuration, with what it reads of the datastore filled in.
    pub(crate) fn read(&self, variables: &Variables, vault: &Vault) -> Result<Arc<Value>, String> {
        if self.templates.is_empty() {
            return Ok(Arc::clone(&self.values));
        }
        let mut values = Value::clone(&self.values);
        for dynamic in &self.templates {
            if let Some(value) = values.pointer_mut(&dynamic.pointer) {
                let rendered = dynamic.render(variables)?;
                *value = Value::String(rendered);
                open(value, vault);
            }
        }
        Ok(Arc::new(values))
    }
}

impl Dynamic {
    /// The text may be a secret, so an error names the place alone.
    fn render(&self, variables: &Variables) -> Result<String, String> {
        let template = self.template.as_ref().map_err(Clone::clone);
        let rendered = template.and_then(|template| template.render(variables));
        rendered.map_err(|error| {
            let name = self.pointer.trim_start_matches('/').replace('/', ".");
            let name = name.replace("~1", "/").replace("~0", "~");
            format!("`{name}` in the pack's configuration: {error}")
        })
    }
}

fn compile(value: &Value, pointer: &mut String, templates: &mut Vec<Dynamic>) {
    let length = pointer.len();
    let mut below = |step: &str, value: &Value| {
        pointer.push('/');
        pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
        compile(value, pointer, templates);
        pointer.truncate(length);
    };
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(at, item)| below(&at.to_string(), item)),
        Value::Object(members) => members
            .iter()
            .for_each(|(name, member)| below(name, member)),
        Value::String(text) if Template::is_template(text) => templates.push(Dynamic {
            pointer: pointer.clone(),
            template: Template::compile(text),
        }),
        _ => {}
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
            Some(&config(
                &json!({"deep": [{"a/b": "{{ st2kv.system.key }}"}]}),
            )),
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
            error.starts_with("`deep.0.a/b` in the pack's configuration: "),
            "{error}"
        );
    }
}
