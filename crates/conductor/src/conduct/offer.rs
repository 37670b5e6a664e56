//! What is to run now.

use pyvalue::{Dict, Value};

use crate::TaskKey;

/// A task to run now.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// The task and its route.
    pub task: TaskKey,
    /// What it sees, without Orquesta's own variables.
    pub context: Dict,
    /// What to run; of a task with items only what to start now.
    pub actions: Vec<ActionRequest>,
    /// Seconds to wait before.
    pub delay: Option<i64>,
    /// Of a task with items: how many there are. Where there are none, report it running, then succeeded.
    pub items_count: Option<usize>,
    /// Of a task with items: how many at once.
    pub concurrency: Option<i64>,
}

/// An action to run.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionRequest {
    /// Its reference; null for a task without action.
    pub action: Value,
    /// Its parameters; null where the task states none.
    pub input: Value,
    /// Of a task with items: which one.
    pub item: Option<usize>,
}
