//! Cancelling executions.

use bus::{CancelWanted, News};
use model::{Execution, ExecutionId, ExecutionStatus};
use serde_json::json;
use store::{StatusChange, StoreError};

use crate::Executions;
use crate::mask::mask_sealed;

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
    /// runner is told. Returns it as it is then.
    pub async fn cancel(&self, id: ExecutionId, user: &str) -> Result<Execution, CancelError> {
        // Its state may change between the look and the write; each round sees a later state, so this ends.
        loop {
            let execution = self
                .store
                .execution(id)
                .await?
                .ok_or(CancelError::Unknown(id))?;
            let Some(next) = after_cancel(execution.status) else {
                return self.as_it_is(execution);
            };
            let change = StatusChange {
                id,
                expected: vec![execution.status],
                next,
                at: self.clock.now(),
                result: Some(json!({ "message": "Action canceled by user.", "user": user })),
            };
            if let Some(changed) = self.store.change_status(&change).await? {
                self.tell_cancelled(&changed).await;
                return Ok(changed);
            }
        }
    }

    fn as_it_is(&self, execution: Execution) -> Result<Execution, CancelError> {
        if execution.status.is_final() {
            return Err(CancelError::Ended(Box::new(execution)));
        }
        // Asked for again: the runner may not have heard of it.
        self.bus
            .tell(News::CancelWanted(CancelWanted { id: execution.id }));
        Ok(execution)
    }

    async fn tell_cancelled(&self, execution: &Execution) {
        let mut shown = execution.clone();
        shown.parameters.values_mut().for_each(mask_sealed);
        if execution.status == ExecutionStatus::Canceling {
            self.bus
                .tell(News::CancelWanted(CancelWanted { id: execution.id }));
        } else {
            self.set_off(&shown).await;
        }
        self.tell_update(shown);
    }

    /// Stores what an end sets off that no runner told of.
    pub(crate) async fn set_off(&self, execution: &Execution) {
        let result = execution.result.clone().unwrap_or_default();
        let follow_ups = self.follow_ups(execution, &result).await;
        if follow_ups.is_empty() {
            return;
        }
        match self.store.add_trigger_instances(&follow_ups).await {
            Ok(()) => self.announce_follow_ups(follow_ups),
            Err(error) => tracing::error!(
                execution.id = %execution.id,
                error = %error,
                "the triggers of an ended execution are lost: the store failed"
            ),
        }
    }
}

/// The state that a wish to cancel leads to; none where there is nothing to change.
fn after_cancel(status: ExecutionStatus) -> Option<ExecutionStatus> {
    use ExecutionStatus as S;
    match status {
        S::Requested | S::Delayed | S::Scheduled | S::Paused | S::Pending => Some(S::Canceled),
        S::Running | S::Pausing | S::Resuming => Some(S::Canceling),
        S::Canceling | S::Succeeded | S::Failed | S::TimedOut | S::Abandoned | S::Canceled => None,
    }
}
