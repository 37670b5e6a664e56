//! How executions stand that a workflow asked for.

use std::collections::HashMap;

use bus::TaskChange;
use model::{Execution, ExecutionId, Page};
use store::{ExecutionFilter, StoreError};

use crate::Executions;
use crate::mask::mask_sealed;
use crate::retry::first_try;

/// Executions that are looked up at once.
const TOGETHER: usize = 1000;

impl Executions {
    /// Executions as they stand now, without results; unknown ones are left out.
    pub async fn states(&self, ids: &[ExecutionId]) -> Result<Vec<Execution>, StoreError> {
        let mut found = Vec::with_capacity(ids.len());
        for some in ids.chunks(TOGETHER) {
            let filter = ExecutionFilter {
                ids: Some(some.to_vec()),
                ..ExecutionFilter::default()
            };
            let page = Page {
                limit: u32::try_from(TOGETHER).unwrap_or(u32::MAX),
                offset: 0,
            };
            found.append(&mut self.store.executions(&filter, page).await?.items);
        }
        Ok(found)
    }

    /// What has become of the executions that a workflow asked for: of those that a policy tried again, of the last try. Results
    /// are left out.
    pub async fn task_changes(&self, workflow: ExecutionId) -> Result<Vec<TaskChange>, StoreError> {
        let mut last: HashMap<ExecutionId, Execution> = HashMap::new();
        for execution in self.store.task_executions(workflow).await? {
            let asked_for = first_try(&execution).unwrap_or(execution.id);
            last.insert(asked_for, execution);
        }
        let change = |execution: Execution| {
            let at = execution.log.last().map(|entry| entry.timestamp);
            TaskChange {
                id: execution.id,
                workflow,
                first_try: first_try(&execution),
                task: execution.context.task,
                status: execution.status,
                result: None,
                at: at.unwrap_or(execution.start_timestamp),
            }
        };
        Ok(last.into_values().map(change).collect())
    }

    /// Whether anybody may be listening to how executions stand.
    #[must_use]
    pub fn has_audience(&self) -> bool {
        self.bus.has_audience()
    }

    /// Tells the streams how an execution stands, without its result; its secrets are masked first.
    pub fn tell_state(&self, execution: &Execution) {
        let mut shown = execution.clone();
        shown.parameters.values_mut().for_each(mask_sealed);
        shown.result = None;
        self.tell_update(shown);
    }
}
