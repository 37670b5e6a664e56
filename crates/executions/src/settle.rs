//! Ends that somebody tells by hand, whatever the runner does.

use bus::{CancelWanted, News};
use model::{Execution, ExecutionId, ExecutionStatus};
use serde_json::Value;
use store::{StatusChange, StoreError};

use crate::Executions;
use crate::mask::mask_sealed;

/// Why an execution was not ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettleError {
    /// There is none with this id.
    #[error("Execution with id {0} not found.")]
    Unknown(ExecutionId),
    /// It has ended already.
    #[error("Execution is already in completed state.")]
    Ended,
    /// The wanted state is not an end.
    #[error("an execution cannot be set to `{0}`: the engine decides that")]
    NotAnEnd(ExecutionStatus),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Executions {
    /// Ends an open execution as somebody says it ended. Its runner, if it has one, is told to stop; what rules want
    /// to hear of is set off as by any other end. Returns it as it is then.
    pub async fn settle(
        &self,
        id: ExecutionId,
        status: ExecutionStatus,
        result: Option<Value>,
    ) -> Result<Execution, SettleError> {
        if !status.is_final() {
            return Err(SettleError::NotAnEnd(status));
        }
        let execution = self.store.execution(id).await?;
        let execution = execution.ok_or(SettleError::Unknown(id))?;
        let result = match result {
            Some(result) => Some(self.hidden(&execution, result).await?),
            None => None,
        };
        let change = StatusChange {
            id,
            expected: open_states(),
            next: status,
            at: self.clock.now(),
            result,
        };
        let settled = self.store.change_status(&change).await?;
        let settled = settled.ok_or(SettleError::Ended)?;
        self.bus.tell(News::CancelWanted(CancelWanted { id }));
        let mut shown = settled.clone();
        shown.parameters.values_mut().for_each(mask_sealed);
        self.set_off(&shown).await;
        if let Some(result) = &mut shown.result {
            mask_sealed(result);
        }
        self.tell_update(shown);
        Ok(settled)
    }

    /// The result without the secrets that it repeats.
    async fn hidden(&self, execution: &Execution, mut result: Value) -> Result<Value, StoreError> {
        if let Some(plan) = self.plan_for_masking(execution).await? {
            self.hide_secrets(&plan, execution, &mut result);
        }
        Ok(result)
    }
}

fn open_states() -> Vec<ExecutionStatus> {
    let all = ExecutionStatus::ALL.iter().copied();
    all.filter(|status| !status.is_final()).collect()
}
