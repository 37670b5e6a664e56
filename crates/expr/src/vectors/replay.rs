//! Runs one case of each file.

use std::sync::Arc;

use crate::orquesta::{self, Options, State, Statement, Tasks};
use crate::path::{Document, Path};
use crate::{
    Datastore, Scope, Template, TemplateError, TemplateErrorKind, ValuesTemplate, Variables,
};
use diagnostic::{Diagnostic, Kind};
use pyvalue::{Dict, Value};

use super::{Answer, member};

/// The datastore of a case.
#[derive(Debug)]
struct Items {
    system: Dict,
    user: Option<Dict>,
}

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        self.value(scope, name)?.to_text().ok()
    }

    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        Ok(sealed.to_owned())
    }

    fn has_user(&self) -> bool {
        self.user.is_some()
    }

    fn value(&self, scope: Scope, name: &str) -> Option<Value> {
        match scope {
            Scope::System => self.system.get(name).cloned(),
            Scope::User => self.user.as_ref()?.get(name).cloned(),
        }
    }
}

fn dict(value: &Value) -> Dict {
    value.as_dict().cloned().unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn object(value: &Value) -> model::Object {
    value.to_json().unwrap().as_object().unwrap().clone()
}

pub(super) fn template(vector: &Value) -> Answer {
    rendered(vector).map_err(|error| {
        let kind = match error.kind {
            TemplateErrorKind::Parse => Kind::Parse,
            TemplateErrorKind::UnknownFunction => Kind::UnknownFunction,
            TemplateErrorKind::Undefined => Kind::Undefined,
            TemplateErrorKind::Type => Kind::Type,
            TemplateErrorKind::Other => Kind::Other,
        };
        (kind, error.message)
    })
}

fn rendered(vector: &Value) -> Result<Value, TemplateError> {
    let mode = text(member(vector, "mode"));
    let mut variables = Variables {
        values: object(member(vector, "context"))
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect(),
        datastore: None,
    };
    if mode == "kv" {
        let kv = member(vector, "kv");
        let user = member(vector, "user").as_str();
        variables.datastore = Some(Arc::new(Items {
            system: dict(member(kv, "system")),
            user: user.map(|user| dict(member(member(kv, "user"), user))),
        }));
    }
    let is_lenient = mode == "lenient" || member(vector, "allow_undefined").is_true();
    if mode == "render_values" {
        let mapping = object(member(vector, "mapping"));
        let template = if is_lenient {
            ValuesTemplate::compile_lenient(&mapping)?
        } else {
            ValuesTemplate::compile(&mapping)?
        };
        let rendered = template.render(&variables)?;
        return Ok(Value::from_json(&serde_json::Value::Object(rendered)));
    }
    let source = text(member(vector, "template"));
    let template = if is_lenient {
        Template::compile_lenient(source)?
    } else {
        Template::compile(source)?
    };
    template.render(&variables).map(Value::from)
}

/// Executions of tasks as the recordings show them.
#[derive(Debug)]
struct Executions(Value);

impl Tasks for Executions {
    fn execution(&self, workflow_execution: &str, task: &str, route: i64) -> Option<Value> {
        let execution = self.0.as_items()?.iter().rev().find(|execution| {
            member(execution, "task_id").as_str() == Some(task)
                && member(execution, "route").as_int() == Some(route)
        })?;
        let mut shown = Dict::default();
        shown.insert("task_execution_id", format!("t-{task}"));
        shown.insert("workflow_execution_id", workflow_execution);
        shown.insert("task_name", task);
        shown.insert("task_id", task);
        shown.insert("route", route);
        for name in ["result", "status"] {
            shown.insert(name, member(execution, name).clone());
        }
        shown.insert("start_timestamp", "2024-01-01 00:00:00+00:00");
        shown.insert("end_timestamp", "2024-01-01 00:00:05+00:00");
        Some(shown.into())
    }
}

fn state(vector: &Value) -> State {
    let context = dict(member(vector, "ctx"));
    let user = member(member(member(vector, "ctx"), "st2"), "user")
        .as_str()
        .unwrap_or_default();
    let below = |prefix: &str| {
        let items = dict(member(vector, "kv"));
        let items = items.iter().filter_map(|(key, value)| {
            Some((text(key).strip_prefix(prefix)?.to_owned(), value.clone()))
        });
        items.collect::<Dict>()
    };
    let items = Items {
        system: below("system."),
        user: Some(below(&format!("user.{user}."))),
    };
    State::from_context(context)
        .with_tasks(Arc::new(Executions(member(vector, "tasks").clone())))
        .with_datastore(Arc::new(items))
}

/// As upstream evaluates, at a fixed time.
fn options() -> Options {
    Options {
        reevaluate: true,
        now: chrono::DateTime::parse_from_rfc3339("2024-06-15T12:00:00+00:00").ok(),
        ..Options::default()
    }
}

fn failure(diagnostic: &Diagnostic) -> (Kind, String) {
    (diagnostic.kind, diagnostic.line())
}

pub(super) fn yaql(vector: &Value) -> Answer {
    let expression =
        ::yaql::Expression::parse(text(member(vector, "expr"))).map_err(|e| failure(&e))?;
    let (data, state) = (member(vector, "data"), state(vector));
    orquesta::evaluate_yaql(&expression, data, &state, &options()).map_err(|e| failure(&e))
}

pub(super) fn statement(vector: &Value) -> Answer {
    let input = member(vector, "input");
    match text(member(vector, "op")) {
        "evaluate" => Statement::compile_value(input)
            .evaluate(&state(vector), &options())
            .map_err(|error| failure(&error.diagnostic)),
        "validate" => {
            let faults = Statement::compile_value(input).validate();
            let errors = faults.iter().map(|fault| {
                let mut error = Dict::default();
                error.insert("type", fault.language().map(orquesta::Language::name));
                error.insert("expression", fault.expression());
                Value::Dict(error)
            });
            let mut result = Dict::default();
            result.insert("errors", Value::list(errors.collect()));
            Ok(result.into())
        }
        _ => {
            let found = orquesta::extract_vars(&input.to_json().unwrap());
            let found = found.into_iter().map(|reference| {
                Value::list(vec![
                    reference.language.name().into(),
                    reference.statement.into(),
                    reference.variable.into(),
                ])
            });
            Ok(Value::list(found.collect()))
        }
    }
}

pub(super) fn path<D: Read>(vector: &Value) -> Answer {
    let path = Path::parse(text(member(vector, "path")))
        .map_err(|error| (Kind::Parse, error.to_string()))?;
    let document = D::read(member(vector, "document"));
    match path.find(&document) {
        Ok(found) => Ok(Value::list(
            found.iter().map(|value| value.show()).collect(),
        )),
        // Which of Python's exceptions it would be is not told apart.
        Err(error) if member(member(vector, "error"), "kind").as_str() == Some("type") => {
            Err((Kind::Type, error.to_string()))
        }
        Err(error) => Err((Kind::Other, error.to_string())),
    }
}

/// Documents as the recordings hold them.
pub(super) trait Read: Document {
    fn read(value: &Value) -> Self;
    fn show(&self) -> Value;
}

impl Read for Value {
    fn read(value: &Value) -> Self {
        value.clone()
    }

    fn show(&self) -> Value {
        self.clone()
    }
}

impl Read for serde_json::Value {
    fn read(value: &Value) -> Self {
        value.to_json().unwrap()
    }

    fn show(&self) -> Value {
        Value::from_json(self)
    }
}
