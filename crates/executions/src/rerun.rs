//! Running an execution again.

use std::time::Duration;

use model::{Execution, ExecutionContext, ExecutionId, Object};

use crate::parameters::secrets;
use crate::{ExecutionRequest, Executions, RequestError};

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
    #[error("Unable to identify resource with id \"{0}\".")]
    Unknown(ExecutionId),
    /// The new request is not right.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl Executions {
    /// Requests the same action with the same parameters (secrets included), save for what `options` change. The new
    /// execution belongs to the trace of the old one.
    pub async fn re_run(
        &self,
        id: ExecutionId,
        options: RerunOptions,
    ) -> Result<Execution, RerunError> {
        let old = self
            .store
            .execution(id)
            .await
            .map_err(RequestError::from)?
            .ok_or(RerunError::Unknown(id))?;
        let plan = self.plan_of(&old).await.map_err(RequestError::from)?;
        let mut parameters = secrets::open(&plan.secrets, &old.parameters, &self.vault)
            .map_err(RequestError::from)?;
        parameters.extend(options.parameters);
        let context = ExecutionContext {
            user: options.user,
            trace: old.context.trace,
            re_run_of: Some(id),
            ..ExecutionContext::default()
        };
        let request = ExecutionRequest {
            action: old.action_ref.to_string(),
            parameters,
            context,
            delay: options.delay,
            notify: old.notify,
            variables: Vec::new(),
        };
        Ok(self.request(request).await?)
    }
}
