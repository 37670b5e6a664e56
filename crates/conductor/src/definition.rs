//! A workflow's definition: read once, its expressions compiled once, shared by all that run it.

pub(crate) mod inline;
mod read;

use std::sync::Arc;

use expr::orquesta::Statement;
use indexmap::IndexMap;

use crate::Graph;

pub use read::DefinitionError;

/// A workflow, as it was written.
#[derive(Debug)]
pub struct Definition {
    /// The names that callers may give, in order.
    pub inputs: Vec<Input>,
    /// Variables set at the start, in order.
    pub vars: Vec<Assignment>,
    /// What the workflow yields, in order.
    pub output: Vec<Assignment>,
    /// Tasks by name, in the order they were written.
    pub tasks: IndexMap<Arc<str>, Task>,
    /// How the tasks follow one another.
    pub graph: Graph,
}

/// A name that callers may give a value.
#[derive(Debug, Clone)]
pub struct Input {
    /// The name.
    pub name: Arc<str>,
    /// What it is where the caller gives nothing; null where the author gave nothing either.
    pub default: Statement,
}

/// A variable and what it is set to.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// The variable.
    pub name: Arc<str>,
    /// The value.
    pub value: Statement,
}

/// A task.
#[derive(Debug, Clone)]
pub struct Task {
    /// What to run; a task without action only passes on.
    pub action: Option<Statement>,
    /// The action's parameters.
    pub input: Option<Statement>,
    /// Runs once for each item.
    pub with: Option<WithItems>,
    /// Waits for several tasks before it.
    pub join: Option<Join>,
    /// Seconds to wait before it runs.
    pub delay: Option<Statement>,
    /// Tries again (a `do: retry` in `next` sets it too).
    pub retry: Option<Retry>,
    /// What follows, as it was written.
    pub next: Vec<Transition>,
}

/// Items that a task runs for.
#[derive(Debug, Clone)]
pub struct WithItems {
    /// What each item is called; none where items have no names.
    pub names: Vec<Arc<str>>,
    /// The list.
    pub items: Statement,
    /// The text of the list's expression, for messages.
    pub expression: String,
    /// How many at once.
    pub concurrency: Option<Statement>,
}

/// How many tasks before it a join waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Join {
    /// All.
    All,
    /// So many.
    Count(usize),
}

/// When and how often a task is tried again.
#[derive(Debug, Clone)]
pub struct Retry {
    /// Only if this is true; without it, if the task ended badly.
    pub when: Option<Statement>,
    /// At most so often.
    pub count: Statement,
    /// Seconds to wait before.
    pub delay: Option<Statement>,
}

/// An entry of `next`.
#[derive(Debug, Clone)]
pub struct Transition {
    /// Only if this is true.
    pub when: Option<Statement>,
    /// Variables to set, in order; a name may come more than once.
    pub publish: Vec<Assignment>,
    /// What to do next: tasks, or the commands `noop`, `fail`, `continue`, `retry`.
    pub targets: Vec<Arc<str>>,
}

/// Whether a name is a command of the engine, which no task may have.
#[must_use]
pub fn is_command(name: &str) -> bool {
    matches!(name, "noop" | "fail" | "continue" | "retry")
}
