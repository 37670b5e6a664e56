//! Values that may be templates, compiled; and the defaults of an action and its runner, compiled once.

use std::sync::LazyLock;

use expr::{Template, TemplateError};
use model::Object;
use serde_json::Value;

/// A value as the graph of parameters sees it.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// Taken as it is.
    Plain,
    /// Rendered from text to text.
    Text(Template, Vec<String>),
    /// Rendered through its JSON text, which may not parse as a template though the value does.
    Structure(Result<Template, TemplateError>, Vec<String>),
}

impl Prepared {
    /// Compiles a value. A text that does not parse as a template is a plain value.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) if Template::is_template(text) => match Template::compile(text) {
                Ok(template) => {
                    let names = template.names();
                    Self::Text(template, names)
                }
                Err(_) => Self::Plain,
            },
            Value::Array(_) | Value::Object(_) if holds_template(value) => Self::of_structure(value),
            _ => Self::Plain,
        }
    }

    fn of_structure(value: &Value) -> Self {
        // StackStorm finds the names in the Python text, and renders the JSON text.
        match Template::compile(&expr::python::repr(value)) {
            Ok(template) => Self::Structure(Template::compile(&with_types(&value.to_string())), template.names()),
            Err(_) => Self::Plain,
        }
    }

    /// Names that must be known first.
    pub(crate) fn dependencies(&self) -> &[String] {
        match self {
            Self::Plain => &[],
            Self::Text(_, names) | Self::Structure(_, names) => names,
        }
    }

    /// The template, where there is one that can be rendered.
    pub(crate) fn template(&self) -> Option<&Template> {
        match self {
            Self::Plain | Self::Structure(Err(_), _) => None,
            Self::Text(template, _) | Self::Structure(Ok(template), _) => Some(template),
        }
    }
}

fn holds_template(value: &Value) -> bool {
    match value {
        Value::String(text) => Template::is_template(text),
        Value::Array(items) => items.iter().any(holds_template),
        Value::Object(members) => {
            members.iter().any(|(key, value)| Template::is_template(key) || holds_template(value))
        }
        _ => false,
    }
}

/// A text that is exactly `{{name}}` becomes the value itself, with its type.
fn with_types(json: &str) -> String {
    static BARE: LazyLock<Option<regex::Regex>> =
        LazyLock::new(|| regex::Regex::new(r#""\{\{([A-z0-9_-]+)\}\}""#).ok());
    match BARE.as_ref() {
        Some(bare) => bare.replace_all(json, "{{$1 | to_complex}}").into_owned(),
        None => json.to_owned(),
    }
}

/// A parameter as one of the two schemas describes it.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) schema: Value,
    pub(crate) default: Value,
    pub(crate) prepared: Prepared,
    pub(crate) is_immutable: bool,
}

impl Parameter {
    fn compile(name: &str, schema: &Value) -> Self {
        let default = schema.get("default").cloned().unwrap_or_default();
        Self {
            name: name.to_owned(),
            prepared: Prepared::of(&default),
            is_immutable: schema.get("immutable").is_some_and(is_true),
            schema: schema.clone(),
            default,
        }
    }

    /// Whether the default is a text with a template's marks: then its rendering is stored with the execution.
    pub(crate) fn has_template_default(&self) -> bool {
        self.default.as_str().is_some_and(Template::is_template)
    }
}

fn is_true(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value != &Value::from(0) && value != ""
}

/// The parameters of an action and its runner.
#[derive(Debug)]
pub(crate) struct Defaults {
    pub(crate) action: Vec<Parameter>,
    pub(crate) runner: Vec<Parameter>,
}

impl Defaults {
    pub(crate) fn compile(runner: &Object, action: &Object) -> Self {
        let side = |schemas: &Object| schemas.iter().map(|(name, schema)| Parameter::compile(name, schema)).collect();
        Self { action: side(action), runner: side(runner) }
    }

    /// Action first, then runner: the order in which defaults are taken.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Parameter> {
        self.action.iter().chain(&self.runner)
    }

    /// The schema that a value is cast by: the runner's where both name it.
    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        let of = |side: &'_ [Parameter]| side.iter().position(|parameter| parameter.name == name);
        of(&self.runner)
            .map(|at| &self.runner[at].schema)
            .or_else(|| of(&self.action).map(|at| &self.action[at].schema))
    }

    /// Names that may not be given.
    pub(crate) fn is_immutable(&self, name: &str) -> bool {
        self.iter().any(|parameter| parameter.name == name && parameter.is_immutable)
    }
}
