//! Running an execution again.

use std::time::Duration;

use model::{Execution, ExecutionId, Object};

use crate::{Executions, RequestError};

/// What to do differently.
#[derive(Debug, Clone, Default)]
pub struct RerunOptions {
    /// Parameters that replace the old ones.
    pub parameters: Object,
    /// Wait this long first.
    pub delay: Option<Duration>,
    /// Who asks.
    pub user: String,
}

/// Why an execution was not run again.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RerunError {
    /// There is none with this id.
    #[error("Execution with id {0} not found.")]
    Unknown(ExecutionId),
    /// The new request is not right.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl Executions {
    /// Requests the same action with the same parameters (secrets included), save for what `options` change.
    pub async fn re_run(&self, id: ExecutionId, options: RerunOptions) -> Result<Execution, RerunError> {
        unimplemented!("{id} {options:?}")
    }
}
