//! Ends that somebody tells by hand, whatever the runner does.

use model::{Execution, ExecutionId, ExecutionStatus};
use serde_json::Value;
use store::StoreError;

use crate::Executions;

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
    /// to hear of is set off as by any other end, and the workflow that asked for it is told. Returns it as it is then.
    pub async fn settle(
        &self,
        id: ExecutionId,
        status: ExecutionStatus,
        result: Option<Value>,
    ) -> Result<Execution, SettleError> {
        if !status.is_final() {
            return Err(SettleError::NotAnEnd(status));
        }
        loop {
            let execution = self.store.execution(id).await?;
            let execution = execution.ok_or(SettleError::Unknown(id))?;
            if execution.status.is_final() {
                return Err(SettleError::Ended);
            }
            let result = match result.clone() {
                Some(result) => Some(self.hidden(&execution, result).await?),
                None => None,
            };
            if let Some(settled) = self.change_by_hand(&execution, status, result).await? {
                return Ok(settled);
            }
        }
    }

    /// The result without the secrets that it repeats.
    async fn hidden(&self, execution: &Execution, mut result: Value) -> Result<Value, StoreError> {
        if let Some(plan) = self.plan_for_masking(execution).await? {
            self.hide_secrets(&plan, execution, &mut result);
        }
        Ok(result)
    }
}
