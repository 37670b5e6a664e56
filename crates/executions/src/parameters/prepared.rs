//! Values that may be templates, compiled; and the defaults of an action and its runner, compiled once.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use expr::{Mentioned, Template, TemplateError, TemplateErrorKind};
use model::Object;
use serde_json::Value;

/// Compiled values of requests that are kept; beyond, all are forgotten and compiled again as they come.
const MOST_TEMPLATES: usize = 4096;
/// Longer texts are compiled each time: they are hardly the same twice.
const LONGEST_KEPT: usize = 16 * 1024;

/// A value as the graph of parameters sees it.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// Taken as it is.
    Plain,
    /// Rendered from text to text.
    Text(Compiled),
    /// Rendered through its JSON text.
    Structure(Compiled),
}

/// A template and what it reads.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// A structure's JSON text may not parse as a template though its Python text does.
    pub(crate) template: Result<Template, TemplateError>,
    /// Names that must be known first.
    pub(crate) names: Vec<String>,
    /// Datastore items that it mentions.
    pub(crate) datastore: Mentioned,
}

impl Prepared {
    /// Compiles a value. A text that does not parse as a template is a plain value.
    pub(crate) fn of(value: &Value) -> Self {
        match value {
            Value::String(text) if Template::is_template(text) => match Template::compile(text) {
                Ok(template) => {
                    let (names, datastore) = (template.names(), template.datastore());
                    Self::Text(Compiled {
                        template: Ok(template),
                        names,
                        datastore,
                    })
                }
                // What parses and names a filter that there is not fails when it is rendered.
                Err(error) if error.kind == TemplateErrorKind::UnknownFunction => {
                    Self::Text(Compiled {
                        template: Err(error),
                        names: Vec::new(),
                        datastore: Mentioned::default(),
                    })
                }
                Err(_) => Self::Plain,
            },
            Value::Array(_) | Value::Object(_) if holds_template(value) => {
                Self::of_structure(value)
            }
            _ => Self::Plain,
        }
    }

    fn of_structure(value: &Value) -> Self {
        // StackStorm finds the names in the Python text, and renders the JSON text.
        let Ok(python) = Template::compile(&expr::python::repr(value)) else {
            return Self::Plain;
        };
        Self::Structure(Compiled {
            template: Template::compile(&with_types(&value.to_string())),
            names: python.names(),
            datastore: python.datastore(),
        })
    }

    /// The template, where there is one.
    pub(crate) fn compiled(&self) -> Option<&Compiled> {
        match self {
            Self::Plain => None,
            Self::Text(compiled) | Self::Structure(compiled) => Some(compiled),
        }
    }

    /// Names that must be known first.
    pub(crate) fn dependencies(&self) -> &[String] {
        self.compiled().map_or(&[], |compiled| &compiled.names)
    }
}

/// Compiled values by what was compiled: the same rule asks with the same templates again and again.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    kept: RwLock<HashMap<Value, Arc<Prepared>>>,
}

impl Templates {
    /// Compiles a value that was not seen lately.
    pub(crate) fn prepare(&self, value: &Value) -> Arc<Prepared> {
        if !holds_template(value) {
            return Arc::new(Prepared::Plain);
        }
        if let Some(prepared) = self
            .kept
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(value)
        {
            return Arc::clone(prepared);
        }
        let prepared = Arc::new(Prepared::of(value));
        let length = prepared
            .compiled()
            .and_then(|compiled| compiled.template.as_ref().ok())
            .map(|template| template.source().len());
        if length.is_some_and(|length| length <= LONGEST_KEPT) {
            let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= MOST_TEMPLATES {
                kept.clear();
            }
            kept.insert(value.clone(), Arc::clone(&prepared));
        }
        prepared
    }
}

fn holds_template(value: &Value) -> bool {
    match value {
        Value::String(text) => Template::is_template(text),
        Value::Array(items) => items.iter().any(holds_template),
        Value::Object(members) => members
            .iter()
            .any(|(key, value)| Template::is_template(key) || holds_template(value)),
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
        let side = |schemas: &Object| {
            schemas
                .iter()
                .map(|(name, schema)| Parameter::compile(name, schema))
                .collect()
        };
        Self {
            action: side(action),
            runner: side(runner),
        }
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

    /// Parameters and, for those that are missing, their defaults as they are written.
    pub(crate) fn filled_in(&self, mut parameters: Object) -> Object {
        for parameter in self.iter().filter(|parameter| !parameter.default.is_null()) {
            let value = parameters
                .entry(parameter.name.clone())
                .or_insert(Value::Null);
            if value.is_null() {
                *value = parameter.default.clone();
            }
        }
        parameters
    }

    /// Whether a parameter may not be given.
    pub(crate) fn is_immutable(&self, name: &str) -> bool {
        self.iter()
            .any(|parameter| parameter.name == name && parameter.is_immutable)
    }
}
