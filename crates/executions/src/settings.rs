//! Packs' configurations as templates see them (`config_context`).

use std::sync::Arc;

use expr::{Mentioned, Template, TemplateError, Variables};
use model::{Object, PackConfig, PackConfigSchema};
use schema::Subschema;
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
    /// The values that were sealed, opened.
    secrets: Value,
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
        let mut values = config
            .map(|config| config.values.clone())
            .unwrap_or_default();
        if let Some(schema) = schema {
            fill(&mut values, &schema.attributes);
        }
        let mut values = Value::Object(values);
        let mut secrets = Vec::new();
        open(&mut values, vault, &mut secrets);
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
            secrets: Value::Array(secrets),
        }
    }

    /// The configuration, with what it reads of the datastore filled in.
    pub(crate) fn read(&self, variables: &Variables, vault: &Vault) -> Result<Arc<Value>, String> {
        self.read_apart(variables, vault).map(|(values, _)| values)
    }

    /// The same, and a list of those of its values that are kept sealed.
    pub(crate) fn read_apart(
        &self,
        variables: &Variables,
        vault: &Vault,
    ) -> Result<(Arc<Value>, Value), String> {
        if self.templates.is_empty() {
            return Ok((Arc::clone(&self.values), self.secrets.clone()));
        }
        let mut secrets = Vec::new();
        let mut values = Value::clone(&self.values);
        for dynamic in &self.templates {
            if let Some(value) = values.pointer_mut(&dynamic.pointer) {
                let rendered = dynamic.render(variables)?;
                // What is not there, or empty, is nothing.
                *value = if rendered.is_empty() {
                    Value::Null
                } else {
                    Value::String(rendered)
                };
                open(value, vault, &mut secrets);
            }
        }
        secrets.extend(self.secrets.as_array().cloned().unwrap_or_default());
        Ok((Arc::new(values), Value::Array(secrets)))
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

/// Puts the defaults in that the schema states, wherever a value is absent: in nested objects and in items of lists
/// too. Objects and lists whose parts are described are there, if only empty, so that code may look into them; both
/// as in StackStorm.
fn fill(values: &mut Object, attributes: &Object) {
    for name in attributes.keys() {
        if let Some(schema) = Subschema::of_attribute(attributes, name) {
            fill_member(values, name, schema);
        }
    }
}

fn fill_member(values: &mut Object, name: &str, schema: Subschema<'_>) {
    if let Some(default) = schema.default()
        && !values.contains_key(name)
    {
        values.insert(name.to_owned(), default.clone());
    }
    let is_list = schema.is_of_type("array");
    if !schema.has_parts() || !(is_list || schema.is_of_type("object")) {
        return;
    }
    let nothing = if is_list {
        Value::Array(Vec::new())
    } else {
        Value::Object(Object::new())
    };
    let value = values.entry(name).or_insert(Value::Null);
    if value.is_null() {
        *value = nothing;
    }
    fill_parts(value, schema);
}

fn fill_parts(value: &mut Value, schema: Subschema<'_>) {
    match value {
        Value::Object(members) => {
            let mut names: Vec<String> = members.keys().cloned().collect();
            names.extend(schema.member_names().cloned());
            for name in names {
                if let Some(first) = schema.of_member(&name).first() {
                    fill_member(members, &name, *first);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                if let Some(first) = schema.of_item(index).first() {
                    fill_parts(item, *first);
                }
            }
        }
        _ => {}
    }
}

/// Opens what is sealed; what cannot be opened stays sealed, and whoever uses it fails there.
fn open(value: &mut Value, vault: &Vault, opened: &mut Vec<Value>) {
    match value {
        Value::String(text) if Vault::is_sealed(text) => {
            if let Ok(secret) = vault.open_value(value) {
                opened.push(secret.clone());
                *value = secret;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| open(item, vault, opened)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| open(member, vault, opened)),
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
    fn defaults_reach_into_objects_lists_and_references() {
        let schema = schema(&json!({
            "harbour": {"type": "object", "properties": {"radio": {"type": "object", "properties": {"channel": {"default": 16}}}}},
            "ships": {"type": "array", "items": {"type": "object", "properties": {"crew": {"default": 3}, "tags": {"type": "array", "items": {}}}}},
            "limits": {"type": "object", "additionalProperties": {"type": "object", "properties": {"tons": {"default": 100}}}},
            "accounts": {"type": "object", "patternProperties": {"^a": {"$ref": "#/properties/account"}}},
            "account": {"type": "object", "properties": {"region": {"default": "north"}}},
            "none": {"type": "object"},
        }));
        let config = config(&json!({
            "ships": [{}, {"crew": 9}], "limits": {"south": {}}, "accounts": {"ada": {}}, "harbour": null,
        }));

        let settings = Settings::new(Some(&schema), Some(&config), &Vault::ephemeral());

        let expected = json!({
            "harbour": {"radio": {"channel": 16}},
            "ships": [{"crew": 3}, {"crew": 9}],
            "limits": {"south": {"tons": 100}},
            "accounts": {"ada": {"region": "north"}},
            "account": {"region": "north"},
        });
        let read = settings.read(&Variables::default(), &Vault::ephemeral());
        assert_eq!(*read.unwrap(), expected);
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
