//! A workflow as boxes and arrows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use conductor::{Definition, Join, is_command};
use serde_json::Value;

use super::live::Progress;

/// A workflow as boxes and arrows.
#[derive(Debug, Clone, Default)]
pub(super) struct Chart {
    /// The workflow, or its execution.
    pub(super) title: String,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// A task, or a command where one is given.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) is_command: bool,
    pub(super) action: Option<String>,
    /// How it waits, repeats and tries again: `join all`, `for each of ctx().hosts`.
    pub(super) traits: Vec<String>,
    pub(super) progress: Option<Progress>,
}

/// What follows a task.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Under which condition; none where there is none.
    pub(super) when: Option<String>,
    /// Variables that are set on the way.
    pub(super) publish: Vec<String>,
}

impl Chart {
    /// That of a workflow or a chain. Fails where it cannot be read; what inspection finds is no hindrance.
    pub(super) fn read(title: &str, text: &str) -> anyhow::Result<Self> {
        let cannot = || format!("`{title}` cannot be drawn (see `petrel workflow inspect`)");
        let document = yaml::to_json(text).with_context(cannot)?;
        let mut chart = if document.get("chain").is_some() {
            let chain = chain::Chain::from_json(&document).with_context(cannot)?;
            Self::of_chain(&chain)
        } else {
            let definition = Definition::from_json(&document).with_context(cannot)?;
            Self::of_definition(&definition, &document)
        };
        title.clone_into(&mut chart.title);
        Ok(chart)
    }

    fn of_definition(definition: &Definition, document: &Value) -> Self {
        let mut chart = Self::default();
        let mut places: BTreeMap<&str, usize> = BTreeMap::new();
        for name in definition.tasks.keys() {
            places.insert(name, chart.nodes.len());
            chart.nodes.push(task_node(name, definition, document));
        }
        for (name, task) in &definition.tasks {
            let Some(&from) = places.get(&**name) else {
                continue;
            };
            for (at, transition) in task.next.iter().enumerate() {
                let written = &document["tasks"][&**name]["next"][at];
                let when = condition(&written["when"]);
                let publish: BTreeSet<&str> =
                    transition.publish.iter().map(|one| &*one.name).collect();
                let publish: Vec<String> = publish.into_iter().map(str::to_owned).collect();
                for target in &transition.targets {
                    chart.lead(from, target, &places, when.clone(), &publish, written);
                }
            }
        }
        chart
    }

    /// Adds an arrow to a target; each command that is given has a box of its own.
    fn lead(
        &mut self,
        from: usize,
        target: &Arc<str>,
        places: &BTreeMap<&str, usize>,
        when: Option<String>,
        publish: &[String],
        written: &Value,
    ) {
        // To go on is what happens anyway; a retry is a trait of its task.
        let goes_on = &**target == "continue" && written.get("do").is_none_or(Value::is_null);
        if &**target == "retry" || goes_on && publish.is_empty() {
            return;
        }
        let to = match places.get(&**target) {
            Some(place) => *place,
            None if is_command(target) => {
                self.nodes.push(Node {
                    name: target.to_string(),
                    is_command: true,
                    ..Node::default()
                });
                self.nodes.len() - 1
            }
            // Inspection reports targets that are not there.
            None => return,
        };
        self.edges.push(Edge {
            from,
            to,
            when,
            publish: publish.to_vec(),
        });
    }

    fn of_chain(chain: &chain::Chain) -> Self {
        let mut chart = Self::default();
        let first = chain.default_task();
        let mut tasks: Vec<&chain::Task> = chain.tasks().collect();
        tasks.sort_by_key(|task| *task.name != *first);
        let place = |name: &str| tasks.iter().position(|task| *task.name == *name);
        for (from, task) in tasks.iter().enumerate() {
            chart.nodes.push(Node {
                name: task.name.to_string(),
                action: Some(task.action.clone()),
                ..Node::default()
            });
            for (link, when) in [
                (&task.on_success, "succeeded"),
                (&task.on_failure, "failed"),
            ] {
                if let Some(to) = link.as_deref().and_then(place) {
                    chart.edges.push(Edge {
                        from,
                        to,
                        when: Some(when.to_owned()),
                        publish: Vec::new(),
                    });
                }
            }
        }
        chart
    }
}

fn task_node(name: &str, definition: &Definition, document: &Value) -> Node {
    let written = &document["tasks"][name];
    let mut traits = Vec::new();
    match definition.tasks.get(name).and_then(|task| task.join) {
        Some(Join::All) => traits.push("join all".to_owned()),
        Some(Join::Count(count)) => traits.push(format!("join {count}")),
        None => {}
    }
    let with = &written["with"];
    let items = match with {
        Value::Object(with) => with.get("items"),
        Value::Null => None,
        other => Some(other),
    };
    if let Some(items) = items {
        let at_once = &with["concurrency"];
        let at_once = match at_once {
            Value::Null => String::new(),
            number => format!(", {} at once", plain(number)),
        };
        traits.push(format!("for each {}{at_once}", list(items)));
    }
    if !written["delay"].is_null() {
        traits.push(format!("delay {} s", plain(&written["delay"])));
    }
    let retry = &written["retry"];
    if retry.is_object() {
        let mut text = format!("retries: {}", plain(&retry["count"]));
        if !retry["delay"].is_null() {
            text = format!("{text}, {} s apart", plain(&retry["delay"]));
        }
        if let Some(when) = condition(&retry["when"]) {
            text = format!("{text} if {when}");
        }
        traits.push(text);
    }
    let entries = written["next"].as_array().map_or(&[][..], Vec::as_slice);
    let task = definition.tasks.get(name);
    for (at, entry) in entries.iter().enumerate() {
        let transition = task.and_then(|task| task.next.get(at));
        if transition.is_some_and(|one| one.targets.iter().any(|target| &**target == "retry")) {
            let when = condition(&entry["when"]).map(|when| format!(" if {when}"));
            traits.push(format!("retry{}", when.unwrap_or_default()));
        }
    }
    // Inline parameters stand behind the action's name.
    let action = written["action"].as_str();
    let action = action.map(|action| match action.split_once(char::is_whitespace) {
        Some((name, _)) if !name.contains(['<', '{']) => name.to_owned(),
        _ => plain(&Value::String(action.to_owned())),
    });
    Node {
        name: name.to_owned(),
        is_command: false,
        action,
        traits,
        progress: None,
    }
}

/// A condition as it is read: without delimiters, and without the brackets of the frequent ones.
fn condition(when: &Value) -> Option<String> {
    if when.is_null() {
        return None;
    }
    let text = plain(when);
    Some(match text.as_str() {
        "succeeded()" => "succeeded".to_owned(),
        "failed()" => "failed".to_owned(),
        "completed()" => return None,
        _ => text,
    })
}

/// The items of a task: `host in ctx().hosts`.
fn list(items: &Value) -> String {
    let text = plain(items);
    match text.split_once(" in ") {
        Some((names, rest)) if !names.contains(['<', '{']) => {
            format!("{names} in {}", plain(&Value::String(rest.to_owned())))
        }
        _ => text,
    }
}

/// A value as a text in one line; an expression that is all of it loses its delimiters.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for (open, close) in [("<%", "%>"), ("{{", "}}")] {
        let inner = text
            .strip_prefix(open)
            .and_then(|text| text.strip_suffix(close));
        if let Some(inner) = inner.filter(|inner| !inner.contains(open)) {
            return inner.trim().to_owned();
        }
    }
    text
}
