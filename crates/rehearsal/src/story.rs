//! What happened when a case was run.

use conductor::Status;
use serde_json::{Map, Value as Json, json};
use yaml::Position;

/// What happened.
#[derive(Debug, Clone, Default)]
pub struct Story {
    /// What became of the workflow.
    pub status: Status,
    /// What it yields; null where it yields nothing.
    pub output: Json,
    /// Variables at the end.
    pub vars: Map<String, Json>,
    /// What went wrong, in order.
    pub errors: Vec<StoryError>,
    /// Every run of a task, in the order of their starts.
    pub runs: Vec<Run>,
    /// Seconds from start to end.
    pub takes: u64,
    /// Why the case could not be run to its end, and where its author should look.
    pub stopped: Option<(Position, String)>,
    /// Items that the case names and the workflow does not have.
    pub(crate) unknown_items: Vec<(Position, String)>,
    /// Tasks with an action that the case says nothing about, by first run.
    pub(crate) unnamed: Vec<String>,
}

/// An error of the workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryError {
    /// The task, if it was one.
    pub task: Option<String>,
    /// In words.
    pub message: String,
}

/// A run of a task; each try is one.
#[derive(Debug, Clone)]
pub struct Run {
    /// The task.
    pub task: String,
    /// What it came to.
    pub status: Status,
    /// Its action; null where it has none.
    pub action: Json,
    /// What the action got; null where it got nothing.
    pub input: Json,
    /// Seconds before it ran.
    pub delay: u64,
    /// Variables that its transitions set.
    pub published: Map<String, Json>,
    /// Of a task with items: each that was started.
    pub items: Option<Vec<ItemRun>>,
}

/// A run for an item.
#[derive(Debug, Clone)]
pub struct ItemRun {
    /// Its index.
    pub at: usize,
    /// The item as a text.
    pub text: String,
    /// What it came to.
    pub status: Status,
    /// The action.
    pub action: Json,
    /// What the action got.
    pub input: Json,
}

impl Story {
    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let errors: Vec<Json> = self
            .errors
            .iter()
            .map(|error| json!({ "task": error.task, "message": error.message }))
            .collect();
        json!({
            "status": self.status.as_str(),
            "output": self.output,
            "vars": self.vars,
            "errors": errors,
            "runs": self.runs.iter().map(Run::to_json).collect::<Vec<_>>(),
            "takes": self.takes,
        })
    }
}

impl Run {
    /// One that has begun.
    pub(crate) fn new(task: String) -> Self {
        Self {
            task,
            status: Status::Running,
            action: Json::Null,
            input: Json::Null,
            delay: 0,
            published: Map::new(),
            items: None,
        }
    }

    fn to_json(&self) -> Json {
        let mut run = json!({
            "task": self.task,
            "status": self.status.as_str(),
            "action": self.action,
            "input": self.input,
            "delay": self.delay,
            "published": self.published,
        });
        if let Some(items) = &self.items {
            run["items"] = items.iter().map(ItemRun::to_json).collect();
        }
        run
    }
}

impl ItemRun {
    fn to_json(&self) -> Json {
        json!({
            "item": self.text,
            "status": self.status.as_str(),
            "action": self.action,
            "input": self.input,
        })
    }
}
