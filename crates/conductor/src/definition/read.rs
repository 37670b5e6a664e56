//! Reads a definition from data.
//!
//! What a workflow may look like is the business of inspection, which reports everything that is wrong. Here the first
//! thing that cannot be understood ends the reading.

use std::sync::Arc;

use expr::orquesta::Statement;
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::{Assignment, Definition, Input, Join, Retry, Task, Transition, WithItems, inline};
use crate::Graph;

/// Why a definition cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct DefinitionError {
    /// Where, as inspection writes it: `tasks.t1.next[0].do`.
    pub path: String,
    /// What is expected there.
    pub message: String,
}

type Outcome<T> = Result<T, DefinitionError>;

impl Definition {
    /// Reads a definition from the data of its YAML.
    pub fn from_json(document: &Value) -> Outcome<Self> {
        let document = mapping(document, "workflow")?;
        let tasks = match document.get("tasks") {
            Some(tasks) => mapping(tasks, "tasks")?,
            None => return Err(wrong("tasks", "tasks are missing")),
        };
        let tasks: IndexMap<Arc<str>, Task> = tasks
            .iter()
            .map(|(name, task)| {
                let path = format!("tasks.{name}");
                Ok((Arc::from(name.as_str()), read_task(task, &path)?))
            })
            .collect::<Outcome<_>>()?;
        Ok(Self {
            inputs: inputs(document.get("input"))?,
            vars: assignments(document.get("vars"), "vars")?,
            output: assignments(document.get("output"), "output")?,
            graph: Graph::new(&tasks),
            tasks,
        })
    }
}

fn wrong(path: &str, message: &str) -> DefinitionError {
    DefinitionError {
        path: path.to_owned(),
        message: message.to_owned(),
    }
}

fn mapping<'v>(value: &'v Value, path: &str) -> Outcome<&'v Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| wrong(path, "a mapping is expected"))
}

fn list<'v>(value: &'v Value, path: &str) -> Outcome<&'v [Value]> {
    value
        .as_array()
        .map(Vec::as_slice)
        .ok_or_else(|| wrong(path, "a list is expected"))
}

/// A mapping with one key.
fn pair<'v>(value: &'v Value, path: &str) -> Outcome<(&'v str, &'v Value)> {
    let members = mapping(value, path)?;
    let mut members = members.iter();
    match (members.next(), members.next()) {
        (Some((name, value)), None) => Ok((name, value)),
        _ => Err(wrong(path, "a mapping with one key is expected")),
    }
}

fn inputs(value: Option<&Value>) -> Outcome<Vec<Input>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    list(value, "input")?
        .iter()
        .enumerate()
        .map(|(at, input)| {
            let (name, default) = match input {
                Value::String(name) => (name.as_str(), &Value::Null),
                other => pair(other, &format!("input[{at}]"))?,
            };
            Ok(Input {
                name: Arc::from(name),
                default: Statement::compile(default),
            })
        })
        .collect()
}

fn assignments(value: Option<&Value>, path: &str) -> Outcome<Vec<Assignment>> {
    let Some(value) = value else {
        return Ok(Vec::new());
    };
    list(value, path)?
        .iter()
        .enumerate()
        .map(|(at, item)| pair(item, &format!("{path}[{at}]")).map(assignment))
        .collect()
}

fn assignment((name, value): (&str, &Value)) -> Assignment {
    Assignment {
        name: Arc::from(name),
        value: Statement::compile(value),
    }
}

fn read_task(value: &Value, path: &str) -> Outcome<Task> {
    let members = mapping(value, path)?;
    let mut action = members.get("action").cloned();
    let mut input = members.get("input").cloned();
    if let Some(Value::String(text)) = &action {
        let parameters = inline::parameters(text);
        if !parameters.is_empty() {
            let name = text.split(' ').next().unwrap_or(text).to_owned();
            // A parameter that comes twice is what it was last.
            input = Some(Value::Object(parameters.into_iter().collect()));
            action = Some(Value::String(name));
        }
    }
    let next = match members.get("next") {
        None => Vec::new(),
        Some(next) => {
            let path = format!("{path}.next");
            list(next, &path)?
                .iter()
                .enumerate()
                .map(|(at, entry)| read_transition(entry, &format!("{path}[{at}]")))
                .collect::<Outcome<_>>()?
        }
    };
    let with = members
        .get("with")
        .map(|with| read_with(with, &format!("{path}.with")))
        .transpose()?;
    let retry = match retry_command(&next) {
        Some(retry) => Some(retry),
        None => members
            .get("retry")
            .map(|retry| read_retry(retry, &format!("{path}.retry")))
            .transpose()?,
    };
    Ok(Task {
        action: action.as_ref().map(Statement::compile),
        input: input.as_ref().map(Statement::compile),
        with,
        join: members
            .get("join")
            .map(|join| read_join(join, &format!("{path}.join")))
            .transpose()?,
        delay: members.get("delay").map(Statement::compile),
        retry,
        next,
    })
}

fn read_join(value: &Value, path: &str) -> Outcome<Join> {
    match value {
        Value::String(text) if text == "all" => Ok(Join::All),
        other => other
            .as_u64()
            .and_then(|count| usize::try_from(count).ok())
            .map(Join::Count)
            .ok_or_else(|| wrong(path, "\"all\" or a whole number is expected")),
    }
}

/// `ITEMS`, `NAME in ITEMS`, `NAME, NAME in ITEMS`, or a mapping with these under `items`.
fn read_with(value: &Value, path: &str) -> Outcome<WithItems> {
    let (items, concurrency) = match value {
        Value::String(text) => (text.as_str(), None),
        other => {
            let members = mapping(other, path)?;
            let items = members
                .get("items")
                .and_then(Value::as_str)
                .ok_or_else(|| wrong(path, "the expression of the items is missing"))?;
            (items, members.get("concurrency"))
        }
    };
    let (names, expression) = match items.split_once(" in ") {
        Some((names, expression)) => (
            names.replace(' ', "").split(',').map(Arc::from).collect(),
            expression.trim(),
        ),
        None => (Vec::new(), items.trim()),
    };
    Ok(WithItems {
        names,
        items: Statement::compile(&Value::from(expression)),
        expression: expression.to_owned(),
        concurrency: concurrency.map(Statement::compile),
    })
}

fn read_retry(value: &Value, path: &str) -> Outcome<Retry> {
    let members = mapping(value, path)?;
    Ok(Retry {
        when: members.get("when").map(Statement::compile),
        count: members
            .get("count")
            .map(Statement::compile)
            .ok_or_else(|| wrong(path, "the count is missing"))?,
        delay: members.get("delay").map(Statement::compile),
    })
}

/// `do: retry` is a retry of three times on the entry's condition; the last one in the order of processing counts.
fn retry_command(next: &[Transition]) -> Option<Retry> {
    let entry = next
        .iter()
        .rev()
        .find(|entry| entry.targets.iter().any(|target| **target == *"retry"))?;
    Some(Retry {
        when: Some(
            entry
                .when
                .clone()
                .unwrap_or_else(|| Statement::compile(&Value::from("<% completed() %>"))),
        ),
        count: Statement::compile(&Value::from(3)),
        delay: None,
    })
}

fn read_transition(value: &Value, path: &str) -> Outcome<Transition> {
    let members = mapping(value, path)?;
    let publish = match members.get("publish") {
        None => Vec::new(),
        Some(Value::String(text)) => inline::parameters(text)
            .iter()
            .map(|(name, value)| assignment((name, value)))
            .collect(),
        other => assignments(other, &format!("{path}.publish"))?,
    };
    let targets = match members.get("do") {
        None => Vec::new(),
        Some(Value::String(text)) => text.split(',').map(|name| Arc::from(name.trim())).collect(),
        Some(other) => {
            let path = format!("{path}.do");
            list(other, &path)?
                .iter()
                .map(|name| {
                    name.as_str()
                        .map(Arc::from)
                        .ok_or_else(|| wrong(&path, "names of tasks are expected"))
                })
                .collect::<Outcome<Vec<_>>>()?
        }
    };
    Ok(Transition {
        when: members.get("when").map(Statement::compile),
        publish,
        targets: if targets.is_empty() {
            vec![Arc::from("continue")]
        } else {
            targets
        },
    })
}
