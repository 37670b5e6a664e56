//! Cancelling executions.

use model::{Execution, ExecutionId};
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
    /// runner is told. Returns it as it is then.
    pub async fn cancel(&self, id: ExecutionId, user: &str) -> Result<Execution, CancelError> {
        unimplemented!("{id} {user}")
    }
}
