//! What a workflow is told, and what comes of it.

use bus::TaskChange;
use model::{Execution, ExecutionStatus};
use serde_json::Value;
use store::{RecordChange, WorkflowBeginning};

/// Something that a workflow is told.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// An execution that it asked for has ended, or stands still, or goes on.
    Changed(Box<TaskChange>),
    /// Somebody has set its execution to this state: `pausing`, `resuming` or `canceling`.
    Wanted(ExecutionStatus),
    /// It goes on where it stopped.
    Continue,
}

/// What is to be stored, announced and passed on of a step.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    /// With the first step: how it began.
    pub(crate) beginning: Option<WorkflowBeginning>,
    /// Records.
    pub(crate) changes: Vec<RecordChange>,
    /// Executions that are asked for.
    pub(crate) requests: Vec<Execution>,
    /// The state of the workflow's execution from now on, where it is another one.
    pub(crate) status: Option<ExecutionStatus>,
    /// Its end.
    pub(crate) end: Option<(ExecutionStatus, Value)>,
    /// What its own tasks are to do as well, once the step is stored.
    pub(crate) reach_down: Option<ReachDown>,
    /// There is more to do at once: told as [`Event::Continue`].
    pub(crate) is_unfinished: bool,
}

impl Effects {
    /// A workflow that ends before it began.
    pub(crate) fn ended(status: ExecutionStatus, result: Value) -> Self {
        Self {
            end: Some((status, result)),
            ..Self::default()
        }
    }
}

/// What the executions that a workflow waits for are to do as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ReachDown {
    /// Sub-workflows pause.
    Pause,
    /// Sub-workflows go on.
    Resume,
    /// Sub-workflows are canceled, and whatever has not begun; what runs comes to its end.
    Cancel,
}
