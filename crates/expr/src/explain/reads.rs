//! What an expression reads, and whether it is given.

use serde_json::Value as Json;

use super::{Given, Reading, calls};
use crate::Scope;
use crate::orquesta::extract_vars;
use crate::template::strict;

/// Something that an expression reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// How an author writes it: `ctx().host`, `trigger`, `item()`, `$`.
    pub name: String,
    /// Whether it is given.
    pub is_given: bool,
    /// What is given and is called almost the same.
    pub near: Option<String>,
}

/// What a text reads, each once.
pub(super) fn reads(reading: Reading, text: &str, given: &Given) -> Vec<Read> {
    match reading {
        Reading::Workflow => of_workflow(text, text, given),
        Reading::Yaql => {
            let parsed = yaql::Expression::parse(text);
            let reads_data = parsed.is_ok_and(|parsed| parsed.names().contains(&""));
            let data = reads_data.then(|| Read::new("$", true));
            let wrapped = format!("<% {text} %>");
            data.into_iter()
                .chain(of_workflow(&wrapped, text, given))
                .collect()
        }
        Reading::WorkflowJinja => of_workflow(&in_jinja(text), text, given),
        Reading::Template => {
            let parsed = jinja::Template::parse(text, strict());
            of_template(parsed.map(|parsed| parsed.names(strict())), text, given)
        }
        Reading::TemplateJinja => {
            let parsed = jinja::Expression::parse(text, strict());
            of_template(
                parsed.map(|parsed| parsed.names(strict())),
                &in_jinja(text),
                given,
            )
        }
    }
}

fn in_jinja(expression: &str) -> String {
    format!("{{{{ {expression} }}}}")
}

fn of_workflow(wrapped: &str, text: &str, given: &Given) -> Vec<Read> {
    let variables = given.state.variables().plain().as_dict();
    let known: Vec<&str> = variables
        .map(|variables| {
            variables
                .keys()
                .filter_map(pyvalue::Value::as_str)
                .collect()
        })
        .unwrap_or_default();
    let mut reads: Vec<Read> = Vec::new();
    for found in extract_vars(&Json::String(wrapped.to_owned())) {
        let read = Read::among("ctx().", &found.variable, &known);
        if !reads.contains(&read) {
            reads.push(read);
        }
    }
    let item = !given.state.current_item().plain().is_none();
    let task = given.state.current_task().plain().as_dict();
    let result = task.is_some_and(|task| task.get("result").is_some());
    for (name, is_given) in [("item", item), ("result", result)] {
        if calls(text, name) {
            reads.push(Read::new(format!("{name}()"), is_given));
        }
    }
    reads
}

fn of_template<E>(
    names: Result<Vec<std::sync::Arc<str>>, E>,
    text: &str,
    given: &Given,
) -> Vec<Read> {
    let known: Vec<&str> = given
        .variables
        .values
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let names = names.unwrap_or_default();
    let read = |name: &std::sync::Arc<str>| Read::among("", name, &known);
    let mut reads: Vec<Read> = names
        .iter()
        .filter(|name| &***name != "st2kv")
        .map(read)
        .collect();
    let (Some(datastore), Ok(template)) =
        (&given.variables.datastore, crate::Template::compile(text))
    else {
        return reads;
    };
    for (scope, name) in template.datastore().names {
        let prefix = match scope {
            Scope::System => "system",
            Scope::User => "user",
        };
        let is_given = datastore.get(scope, &name).is_some();
        reads.push(Read::new(format!("st2kv.{prefix}.{name}"), is_given));
    }
    reads
}

impl Read {
    fn new(name: impl Into<String>, is_given: bool) -> Self {
        Self {
            name: name.into(),
            is_given,
            near: None,
        }
    }

    /// A variable of this name, written behind `prefix`.
    fn among(prefix: &str, name: &str, known: &[&str]) -> Self {
        let is_given = known.contains(&name);
        let near = (!is_given)
            .then(|| diagnostic::nearest(name, known.iter().copied()))
            .flatten();
        Self {
            name: format!("{prefix}{name}"),
            is_given,
            near: near.map(|near| format!("{prefix}{near}")),
        }
    }
}
