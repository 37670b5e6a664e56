//! Why an operation is refused.

use expr::orquesta::ExpressionError;

use crate::{Status, TaskKey};

/// Why an operation was refused; it changed nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The workflow cannot become what was asked for.
    #[error("Unable to process event \"{event}\" for workflow in \"{status}\" status.")]
    InvalidWorkflowTransition {
        /// What the workflow is.
        status: Status,
        /// What was asked for.
        event: String,
    },
    /// A task in its status can be told nothing any more.
    #[error("Unable to process event \"{event}\" for task in \"{status}\" status.")]
    InvalidTaskTransition {
        /// What the task is.
        status: Status,
        /// What was reported.
        event: String,
    },
    /// No such thing can happen.
    #[error("Event \"{0}\" is not valid.")]
    InvalidEvent(String),
    /// The definition has no such task.
    #[error("Task \"{0}\" does not exist.")]
    UnknownTask(String),
    /// The task was not to run.
    #[error("Task \"{0}\" is not staged or has not started yet.")]
    NotStaged(String),
    /// The task has no such item.
    #[error("Task \"{task}\" has no item {item}.")]
    UnknownItem {
        /// The task.
        task: String,
        /// The item's index.
        item: usize,
    },
    /// Only what has ended can be run again.
    #[error("Unable to rerun workflow because it is not in a completed state.")]
    StillActive,
    /// Tasks that never ran, or cannot be run again.
    #[error("Unable to rerun task|route(s) because it doesn't exist or isn't rerunnable: {}", list(.0))]
    NotRerunnable(Vec<TaskKey>),
    /// No task ended badly, so that there is nothing to run again.
    #[error("Unable to rerun workflow because there are no tasks to rerun.")]
    NothingToRerun,
    /// An expression of the task's retry failed.
    #[error("{}", super::message::text(.0))]
    Expression(Box<ExpressionError>),
    /// A number of the task's retry is none.
    #[error("The retry {field} for task \"{task}\" is not an integer.")]
    RetryNotInteger {
        /// `count` or `delay`.
        field: &'static str,
        /// The task.
        task: String,
    },
}

fn list(tasks: &[TaskKey]) -> String {
    let tasks: Vec<String> = tasks.iter().map(ToString::to_string).collect();
    tasks.join(", ")
}

impl From<ExpressionError> for Refusal {
    fn from(error: ExpressionError) -> Self {
        Self::Expression(Box::new(error))
    }
}
