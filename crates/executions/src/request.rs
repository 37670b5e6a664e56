//! Requesting executions.

use std::time::Duration;

use model::{Execution, ExecutionContext, Object};
use store::StoreError;

use crate::{Executions, ParameterError};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ExecutionRequest {
    /// The action's reference.
    pub action: String,
    /// Parameters as given: strings may be Jinja over `st2kv`, `action_context`, `config_context` and each other.
    pub parameters: Object,
    /// Who asks, and from where; `pack` is filled in.
    pub context: ExecutionContext,
    /// Wait this long first.
    pub delay: Option<Duration>,
    /// Whom to tell when it ends; the action's own otherwise.
    pub notify: Object,
    /// Further names that parameters may use (a rule's `trigger`).
    pub variables: Vec<(String, std::sync::Arc<serde_json::Value>)>,
}

/// Why an execution was not requested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// There is no such action.
    #[error("Action \"{0}\" cannot be found.")]
    UnknownAction(String),
    /// It is switched off.
    #[error("Unable to execute disabled action \"{0}\".")]
    DisabledAction(String),
    /// Its runner is unknown or switched off.
    #[error("runner `{0}` is unknown or disabled")]
    DisabledRunner(String),
    /// The parameters do not fit.
    #[error(transparent)]
    Parameters(#[from] ParameterError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Executions {
    /// Checks a request and makes the execution, but stores nothing: rules store it together with their enforcement.
    /// Action, runner, pack configuration and schemas are cached by the store's revisions.
    pub async fn prepare(&self, request: ExecutionRequest) -> Result<Execution, RequestError> {
        unimplemented!("{request:?}")
    }

    /// Checks a request, stores the execution, announces it and tells the streams.
    pub async fn request(&self, request: ExecutionRequest) -> Result<Execution, RequestError> {
        unimplemented!("{request:?}")
    }

    /// Announces executions that were stored elsewhere (rules), to runners and streams.
    pub fn announce(&self, executions: Vec<Execution>) {
        unimplemented!("{executions:?}")
    }
}
