//! A workflow as Orquesta holds it: what the passes look at after the schema.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use yaml::{Entry, Node, Value};

use super::place::Place;
use super::python::{is_falsy, key_repr};
use super::{Category, Found};
use crate::definition::{inline, is_command};

/// The parts of a workflow. What is absent, or of a shape that Orquesta cannot hold, is null.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) input: Json,
    pub(super) vars: Json,
    pub(super) output: Json,
    /// The tasks, in the order they were written.
    pub(super) tasks: Vec<Task>,
    /// Where a task is in the list.
    pub(super) by_name: HashMap<String, usize>,
}

/// A task.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) name: String,
    /// Whether the name is one of the engine's own: then Orquesta does not look into the task when it walks.
    pub(super) is_command: bool,
    pub(super) delay: Json,
    pub(super) join: Json,
    /// The action without inline parameters.
    pub(super) action: Json,
    /// The parameters, inline ones where there are any.
    pub(super) input: Json,
    pub(super) has_items: bool,
    pub(super) items: Json,
    pub(super) concurrency: Json,
    pub(super) retry: Retry,
    pub(super) next: Vec<Transition>,
    /// Whether parameters follow the action without a blank.
    is_glued: bool,
}

#[derive(Debug)]
pub(super) struct Retry {
    pub(super) when: Json,
    pub(super) count: Json,
    pub(super) delay: Json,
}

/// An entry of `next`.
#[derive(Debug)]
pub(super) struct Transition {
    pub(super) when: Json,
    /// What is published; a text has become a list.
    pub(super) publish: Json,
    /// What to do, as it was written; `continue` where nothing was.
    pub(super) then: Json,
    /// The same by name, in the order written.
    pub(super) targets: Vec<String>,
}

impl Outline {
    pub(super) fn of(root: &Node) -> Self {
        let tasks: Vec<Task> = root
            .get("tasks")
            .map_or(&[][..], Node::entries)
            .iter()
            .filter(|entry| entry.is_text_key)
            .map(|entry| Task::of(&entry.key, &entry.value))
            .collect();
        let by_name = tasks
            .iter()
            .enumerate()
            .map(|(at, task)| (task.name.clone(), at))
            .collect();
        Self {
            input: member(root, "input"),
            vars: member(root, "vars"),
            output: member(root, "output"),
            tasks,
            by_name,
        }
    }

    /// What the schema lets pass and Orquesta cannot read.
    pub(super) fn faults(&self) -> Vec<Found> {
        let fault = |task: &Task| {
            let message = "there is no blank between the action and its parameters";
            let place = Place::task(&task.name).property("action");
            Found::new(Category::Syntax, &place, message)
        };
        let glued = self.tasks.iter().filter(|task| task.is_glued);
        glued.map(fault).collect()
    }
}

impl Task {
    fn of(name: &str, node: &Node) -> Self {
        let mut action = member(node, "action");
        let mut input = member(node, "input");
        let mut is_glued = false;
        if let Some(text) = action.as_str() {
            let parameters = inline::parameters(text);
            if !parameters.is_empty() {
                is_glued = !text.contains(' ');
                action = text.split(' ').next().unwrap_or_default().into();
                input = Json::Object(parameters.into_iter().collect());
            }
        }
        let with = node.get("with");
        let part = |of: &str, name: &str| node.get(of).map_or(Json::Null, |of| member(of, name));
        Self {
            name: name.to_owned(),
            is_command: is_command(name),
            delay: member(node, "delay"),
            join: member(node, "join"),
            action,
            input,
            has_items: with.is_some_and(|with| !with.is_null()),
            items: part("with", "items"),
            concurrency: part("with", "concurrency"),
            retry: Retry {
                when: part("retry", "when"),
                count: part("retry", "count"),
                delay: part("retry", "delay"),
            },
            next: match node.get("next").map(|next| &next.value) {
                Some(Value::List(entries)) => entries.iter().map(Transition::of).collect(),
                _ => Vec::new(),
            },
            is_glued,
        }
    }

    /// What follows, when Orquesta walks: the engine's own names lead nowhere.
    pub(super) fn follow(&self) -> &[Transition] {
        if self.is_command { &[] } else { &self.next }
    }

    /// Whether Orquesta takes it for a join when it looks at the graph.
    pub(super) fn is_join(&self) -> bool {
        !self.is_command && !self.join.is_null()
    }

    /// Whether Orquesta takes it for a join when it looks at the context, where `join: 0` is none.
    pub(super) fn has_join(&self) -> bool {
        !self.is_command && !is_falsy(&self.join)
    }
}

impl Transition {
    fn of(node: &Node) -> Self {
        let publish = match member(node, "publish") {
            Json::String(text) if !text.is_empty() => inline::parameters(&text)
                .into_iter()
                .map(|(name, value)| json!({ name: value }))
                .collect(),
            other => other,
        };
        let then = match member(node, "do") {
            nothing if is_falsy(&nothing) => Json::from("continue"),
            other => other,
        };
        Self {
            when: member(node, "when"),
            publish,
            targets: targets(&then, node.get("do")),
            then,
        }
    }
}

fn member(node: &Node, name: &str) -> Json {
    node.get(name).map_or(Json::Null, Node::to_json)
}

/// Names in what stands under `do`, also where the schema refuses it.
fn targets(then: &Json, node: Option<&Node>) -> Vec<String> {
    let text = |one: &Json| match one {
        Json::String(name) => name.clone(),
        other => pyvalue::Value::from_json(other).repr(),
    };
    match then {
        Json::String(names) => names
            .split(',')
            .map(|name| name.trim_matches(pyvalue::text::is_whitespace).to_owned())
            .collect(),
        Json::Array(names) => names.iter().map(text).collect(),
        Json::Object(_) => {
            let name = |entry: &Entry| {
                if entry.is_text_key {
                    entry.key.clone()
                } else {
                    key_repr(entry)
                }
            };
            node.map_or(&[][..], Node::entries)
                .iter()
                .map(name)
                .collect()
        }
        _ => Vec::new(),
    }
}
