//! A chain's definition: read once, its templates compiled once, shared by all that run it.

mod check;

use std::collections::HashSet;
use std::sync::Arc;

use expr::{Mentioned, Template};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::templates::Templates;

pub(crate) use check::{Problem, problems};

/// The keys that say what follows.
const LINKS: [&str; 2] = ["on-success", "on-failure"];

/// A chain, as it was written.
#[derive(Debug, Clone)]
pub struct Chain {
    /// Tasks by name. Of equal names the first counts, as in StackStorm.
    tasks: IndexMap<Arc<str>, Task>,
    /// The first task's name.
    default: Arc<str>,
    pub(crate) vars: Templates,
    mentioned: Mentioned,
    /// Whether any expression may read all results at once.
    pub(crate) reads_results: bool,
    reads_config: bool,
}

/// A task: an action with parameters, and what follows.
#[derive(Debug, Clone)]
pub struct Task {
    /// Its name.
    pub name: Arc<str>,
    /// The action (`ref`).
    pub action: String,
    /// What follows a success; nothing ends the chain.
    pub on_success: Option<Arc<str>>,
    /// What follows a failure; nothing ends the chain.
    pub on_failure: Option<Arc<str>>,
    /// Whom to tell, in the form of actions.
    pub notify: Option<Value>,
    pub(crate) parameters: Templates,
    pub(crate) publish: Templates,
    /// The task as StackStorm shows it in its execution's context (`chain`).
    pub(crate) node: Arc<Value>,
}

/// Why a chain cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ChainError {
    /// What is wrong, naming task and field; StackStorm's words where it has some.
    pub message: String,
    /// The keys and indices that lead there.
    pub path: Vec<String>,
}

impl Chain {
    /// Reads a chain from the data of its file.
    ///
    /// Refuses what StackStorm refuses. A template that does not compile is no error here: it fails the chain when it
    /// is rendered.
    pub fn from_json(document: &Value) -> Result<Self, ChainError> {
        if let Some(problem) = problems(document).into_iter().find(Problem::is_error) {
            return Err(ChainError {
                message: problem.message,
                path: problem.path,
            });
        }
        let mut tasks = IndexMap::new();
        for node in document["chain"].as_array().into_iter().flatten() {
            let task = Task::read(node);
            tasks.entry(Arc::clone(&task.name)).or_insert(task);
        }
        let vars = Templates::compile(&members(&document["vars"]));
        let mut mentioned = vars.datastore();
        for task in tasks.values() {
            mentioned.merge(task.parameters.datastore());
            mentioned.merge(task.publish.datastore());
        }
        let text = document.to_string();
        let sees_all = text.contains("__context");
        Ok(Self {
            default: Arc::from(default_task(document).unwrap_or_default()),
            tasks,
            vars,
            mentioned,
            reads_results: sees_all || text.contains("__results"),
            reads_config: sees_all || text.contains("config_context"),
        })
    }

    /// A task by its name.
    #[must_use]
    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.get(name)
    }

    /// All tasks, in the order they were written.
    #[must_use]
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = &Task> {
        self.tasks.values()
    }

    /// The name of the task that runs first.
    #[must_use]
    pub fn default_task(&self) -> &str {
        &self.default
    }

    /// Items of the datastore that any of its expressions may read.
    #[must_use]
    pub fn datastore(&self) -> &Mentioned {
        &self.mentioned
    }

    /// Whether any of its expressions may read the pack's configuration.
    #[must_use]
    pub fn reads_config(&self) -> bool {
        self.reads_config
    }
}

impl Task {
    /// Reads a node that was checked.
    fn read(node: &Value) -> Self {
        let text = |key: &str| node[key].as_str().unwrap_or_default();
        let link =
            |key: &str| Some(Arc::from(text(key))).filter(|name: &Arc<str>| !name.is_empty());
        let given = [members(&node["parameters"]), members(&node["params"])];
        let parameters = given.into_iter().find(|given| !given.is_empty());
        Self {
            name: Arc::from(text("name")),
            action: text("ref").to_owned(),
            on_success: link("on-success"),
            on_failure: link("on-failure"),
            notify: node
                .get("notify")
                .filter(|notify| notify.as_object().is_some_and(|all| !all.is_empty()))
                .cloned(),
            parameters: Templates::compile(&parameters.unwrap_or_default()),
            publish: Templates::compile(&members(&node["publish"])),
            node: Arc::new(json!({
                "name": node["name"],
                "ref": node["ref"],
                "params": node["params"],
                "parameters": node["parameters"],
                "on_success": node["on-success"],
                "on_failure": node["on-failure"],
                "publish": node["publish"],
                "notify": node["notify"],
            })),
        }
    }
}

fn members(value: &Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

/// The task that runs first: `default`, or the first that no other leads to, or else the first of all.
fn default_task(document: &Value) -> Option<&str> {
    let given = document["default"].as_str();
    if let Some(given) = given.filter(|name| !name.is_empty()) {
        return Some(given);
    }
    let nodes = document["chain"].as_array()?;
    let links = |node| LINKS.map(|key| text_at(node, key));
    let targets: HashSet<&str> = nodes.iter().flat_map(links).flatten().collect();
    let names = || nodes.iter().filter_map(|node| node["name"].as_str());
    names()
        .find(|name| !targets.contains(name))
        .or_else(|| names().next())
}

fn text_at<'v>(node: &'v Value, key: &str) -> Option<&'v str> {
    node[key].as_str()
}

/// Whether a task's name is an expression, which is known only when it runs.
fn is_expression(name: &str) -> bool {
    Template::is_template(name)
}

#[cfg(test)]
mod tests;
