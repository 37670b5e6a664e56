//! What `task()` shows of a workflow's tasks.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use conductor::TaskKey;
use model::{ExecutionStatus, TaskExecutionId, WorkflowExecutionId};
use pyvalue::{Dict, Value};

/// The last run of each task that has ended. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct TaskRuns(Arc<HashMap<TaskKey, TaskRun>>);

/// A run of a task that has ended.
#[derive(Clone)]
pub(crate) struct TaskRun {
    pub(crate) workflow: WorkflowExecutionId,
    pub(crate) run: TaskExecutionId,
    pub(crate) status: ExecutionStatus,
    pub(crate) result: Value,
    pub(crate) ended_at: DateTime<Utc>,
}

/// The names only: results may be secret.
impl fmt::Debug for TaskRuns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl TaskRuns {
    /// Takes the end of a task in.
    pub(crate) fn keep(&mut self, task: TaskKey, run: TaskRun) {
        Arc::make_mut(&mut self.0).insert(task, run);
    }
}

impl expr::orquesta::Tasks for TaskRuns {
    fn execution(&self, workflow_execution: &str, task: &str, route: i64) -> Option<Value> {
        let key = TaskKey {
            id: task.into(),
            route: usize::try_from(route).ok()?,
        };
        let run = self.0.get(&key)?;
        let text = |text: &str| Value::from(text.to_owned());
        let mut shown = Dict::with_capacity(8);
        shown.insert("task_execution_id", text(&run.run.to_string()));
        shown.insert("workflow_execution_id", text(workflow_execution));
        shown.insert("task_name", text(task));
        shown.insert("task_id", text(task));
        shown.insert("task_route", route);
        shown.insert("result", run.result.clone());
        shown.insert("status", text(run.status.as_str()));
        shown.insert("end_timestamp", text(&run.ended_at.to_rfc3339()));
        (run.workflow.to_string() == workflow_execution).then_some(Value::Dict(shown))
    }
}
