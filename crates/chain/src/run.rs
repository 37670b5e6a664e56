//! A run of a chain: where it stands, what to do next, and what a report makes of it.
//!
//! A chain runs one task at a time. The run is made of records that change one by one: `start` never, `task/N` while
//! that task is under way, `current` with every step.

mod follow;
mod operate;
mod records;
mod result;
mod scope;
mod step;

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Chain, Inputs, Status, Surroundings};

pub use operate::{NotExpected, Refusal, Report};
pub use records::{Changes, RestoreError};
pub use step::{Request, Step};

use scope::Known;

/// A run of a chain. All it needs beside its [`Chain`].
#[derive(Clone)]
pub struct Run {
    start: Start,
    tasks: Vec<TaskRun>,
    current: Current,
    /// What expressions see of the above.
    known: Known,
}

/// The record `start`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Start {
    inputs: Inputs,
    /// The chain's `vars`, rendered.
    vars: Map<String, Value>,
}

/// A task that was requested, in the order of the requests: the record `task/N`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRun {
    /// The task's name.
    pub name: Arc<str>,
    /// The execution that carries it out; none where it could not even be requested.
    pub execution_id: Option<String>,
    /// When it was requested, as StackStorm writes times.
    pub created_at: String,
    /// When it was last reported on.
    pub updated_at: Option<String>,
    /// How its execution stands.
    pub state: Status,
    /// What it yielded.
    pub result: Value,
    /// What it published.
    published: Map<String, Value>,
}

/// The record `current`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Current {
    status: Status,
    /// Whether a person asked for the pause.
    is_pause_wanted: bool,
    next: Next,
    /// What the chain ends as when nothing is next: what became of the last task.
    outcome: Status,
    /// What ended the chain, where that was no task.
    error: Option<String>,
}

/// What is next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Next {
    /// This task is to be requested.
    Task(Arc<str>),
    /// The last task is under way.
    Report,
    /// Nothing.
    Nothing,
}

impl Run {
    /// Starts a run: renders the chain's `vars`. A run whose `vars` cannot be rendered has failed.
    #[must_use]
    pub fn start(chain: &Chain, inputs: Inputs, surroundings: &Surroundings) -> (Self, Changes) {
        let mut run = Self {
            known: Known::new(&inputs),
            start: Start {
                inputs,
                vars: Map::new(),
            },
            tasks: Vec::new(),
            current: Current {
                status: Status::Running,
                is_pause_wanted: false,
                next: Next::Nothing,
                outcome: Status::Succeeded,
                error: None,
            },
        };
        match chain.vars.render(&run.known.for_vars(surroundings)) {
            Ok(vars) => {
                run.known.publish(&vars);
                run.start.vars = vars;
                run.begin(chain);
            }
            Err(failure) => run.end_with_error(format!(
                "Failed initializing ``vars`` in chain. Failed rendering value for variable \"{}\" (template string={}): {}",
                failure.name, failure.template, failure.reason
            )),
        }
        let changes = run.records();
        (run, changes)
    }

    /// How the chain stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.current.status
    }

    /// What it started with.
    #[must_use]
    pub fn inputs(&self) -> &Inputs {
        &self.start.inputs
    }

    /// Every task that was requested, in order; a task that runs again is there again.
    #[must_use]
    pub fn tasks(&self) -> &[TaskRun] {
        &self.tasks
    }

    /// The task under way, also while it is paused or pending: whom to pause, resume and cancel with the chain.
    #[must_use]
    pub fn active(&self) -> Option<&TaskRun> {
        self.active_index().map(|at| &self.tasks[at])
    }

    /// What ended the chain, where that was no task.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.current.error.as_deref()
    }

    fn active_index(&self) -> Option<usize> {
        let last = self.tasks.len().checked_sub(1)?;
        (self.current.next == Next::Report).then_some(last)
    }
}

/// Names and statuses only: parameters and results may be secret.
impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Run")
            .field("inputs", &self.start.inputs)
            .field("tasks", &self.tasks)
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}

/// Without the result: it may be secret.
impl fmt::Debug for TaskRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskRun")
            .field("name", &self.name)
            .field("execution_id", &self.execution_id)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod stand;
#[cfg(test)]
mod tests;
