//! Cancelling executions.

use model::{Execution, ExecutionId, ExecutionStatus};
use serde_json::json;
use store::StoreError;

use crate::Executions;

/// Why an execution was not cancelled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CancelError {
    /// There is none with this id.
    #[error("Execution with id {0} not found.")]
    Unknown(ExecutionId),
    /// It has ended already.
    #[error("Action is already in completed state.")]
    Ended(Box<Execution>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Executions {
    /// Asks to cancel: an execution that nobody runs is `canceled` at once, a running one becomes `canceling` and its
    /// runner is told. A workflow that has begun is ended by who conducts it, paused or not: it may have tasks that run.
    /// Returns it as it is then.
    pub async fn cancel(&self, id: ExecutionId, user: &str) -> Result<Execution, CancelError> {
        // Its state may change between the look and the write; each round sees a later state, so this ends.
        loop {
            let execution = self
                .store
                .execution(id)
                .await?
                .ok_or(CancelError::Unknown(id))?;
            let Some(next) = after_cancel(&execution) else {
                return self.as_it_is(execution);
            };
            let result = json!({ "message": "Action canceled by user.", "user": user });
            if let Some(changed) = self.change_by_hand(&execution, next, Some(result)).await? {
                return Ok(changed);
            }
        }
    }

    fn as_it_is(&self, execution: Execution) -> Result<Execution, CancelError> {
        if execution.status.is_final() {
            return Err(CancelError::Ended(Box::new(execution)));
        }
        // Asked for again: who runs it may not have heard of it.
        self.tell_keeper(&execution);
        Ok(execution)
    }
}

/// The state that a wish to cancel leads to; none where there is nothing to change.
fn after_cancel(execution: &Execution) -> Option<ExecutionStatus> {
    use ExecutionStatus as S;
    match execution.status {
        S::Requested | S::Delayed | S::Scheduled => Some(S::Canceled),
        S::Paused | S::Pending if !model::is_conducted(&execution.runner) => Some(S::Canceled),
        S::Running | S::Pausing | S::Paused | S::Resuming | S::Pending => Some(S::Canceling),
        S::Canceling | S::Succeeded | S::Failed | S::TimedOut | S::Abandoned | S::Canceled => None,
    }
}
