//! Changes of state that no runner tells of: somebody asked for them.

use bus::{CancelWanted, News, TaskChange, WorkflowWanted, WorkflowsRequested};
use model::{Execution, ExecutionStatus, LogEntry};
use serde_json::Value;
use store::{StatusChange, StoreError};

use crate::Executions;
use crate::finish::travels;
use crate::mask::mask_sealed;
use crate::retry::first_try;

impl Executions {
    /// Brings an execution from the state that it was read in to `next`, unless it is in another one by now: then
    /// nothing is changed, and `None` comes back. An end is stored together with what it sets off. Whoever must know is
    /// told: its runner or conductor, the workflow that asked for it, streams.
    pub(crate) async fn change_by_hand(
        &self,
        execution: &Execution,
        next: ExecutionStatus,
        result: Option<Value>,
    ) -> Result<Option<Execution>, StoreError> {
        let at = self.clock.now();
        let follow_ups = if next.is_final() {
            let mut ended = execution.clone();
            ended.parameters.values_mut().for_each(mask_sealed);
            ended.status = next;
            ended.end_timestamp = Some(at);
            ended.log.push(LogEntry {
                timestamp: at,
                status: next,
            });
            let result = result.clone().or_else(|| execution.result.clone());
            self.follow_ups(&ended, &result.unwrap_or_default()).await
        } else {
            Vec::new()
        };
        let change = StatusChange {
            id: execution.id,
            expected: vec![execution.status],
            next,
            at,
            result,
            follow_ups,
        };
        let changed = self.store.change_status(&change).await?;
        if let Some(changed) = &changed {
            self.announce_follow_ups(change.follow_ups);
            self.tell_changed(execution, changed);
        }
        Ok(changed)
    }

    fn tell_changed(&self, before: &Execution, changed: &Execution) {
        if changed.status.is_final() {
            self.announce_task_changes(task_change(changed).into_iter().collect());
            self.free_places([changed]);
        }
        if has_begun(before.status) {
            self.tell_keeper(changed);
        }
        let mut shown = changed.clone();
        shown.parameters.values_mut().for_each(mask_sealed);
        if let Some(result) = &mut shown.result {
            mask_sealed(result);
        }
        self.tell_update(shown);
    }

    /// Tells whoever holds an execution that its row says something new. Nobody holds a workflow that is paused: it is
    /// offered to all conductors.
    pub(crate) fn tell_keeper(&self, execution: &Execution) {
        let id = execution.id;
        if !model::is_conducted(&execution.runner) {
            self.bus.tell(News::CancelWanted(CancelWanted { id }));
            return;
        }
        self.bus.tell(News::WorkflowWanted(WorkflowWanted { id }));
        if execution.lease.is_none() && !execution.status.is_final() {
            self.bus.announce(WorkflowsRequested {
                executions: vec![execution.clone()],
            });
        }
    }
}

/// Whether somebody may hold it, or has held it.
pub(crate) fn has_begun(status: ExecutionStatus) -> bool {
    use ExecutionStatus as S;
    match status {
        S::Requested | S::Delayed | S::Scheduled => false,
        S::Running
        | S::Canceling
        | S::Pausing
        | S::Paused
        | S::Resuming
        | S::Pending
        | S::Succeeded
        | S::Failed
        | S::TimedOut
        | S::Abandoned
        | S::Canceled => true,
    }
}

/// What the workflow that asked for an execution is told of its end.
fn task_change(execution: &Execution) -> Option<TaskChange> {
    let result = execution.result.clone().unwrap_or_default();
    Some(TaskChange {
        id: execution.id,
        workflow: execution.context.parent?,
        task: execution.context.task.clone(),
        first_try: first_try(execution),
        status: execution.status,
        at: execution.end_timestamp?,
        result: travels(&result).then_some(result),
    })
}
