//! Pausing workflows, and letting them go on.

use model::{Execution, ExecutionId, ExecutionStatus};
use store::StoreError;

use crate::Executions;

/// Why an execution was not paused, or did not go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PauseError {
    /// There is none with this id.
    #[error("Execution with id {0} not found.")]
    Unknown(ExecutionId),
    /// Only workflows can do that.
    #[error(
        "Unable to {verb} liveaction \"{id}\" because it is not supported by the \"{runner}\" runner."
    )]
    NotAWorkflow {
        /// `pause` or `resume`.
        verb: &'static str,
        /// Which execution.
        id: ExecutionId,
        /// By what it runs.
        runner: String,
    },
    /// What does not run cannot be paused.
    #[error("Unable to pause liveaction \"{0}\" because it is not in a running state.")]
    NotRunning(ExecutionId),
    /// What is not paused cannot go on.
    #[error(
        "Unable to resume liveaction \"{0}\" because it is in \"{1}\" state and not in \"paused\" state."
    )]
    NotPaused(ExecutionId, ExecutionStatus),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Executions {
    /// Asks a workflow that runs to pause: it is `pausing`, and who conducts it is told. One that is `pausing` or
    /// `paused` already stays as it is. Returns it as it is then.
    pub async fn pause(&self, id: ExecutionId, user: &str) -> Result<Execution, PauseError> {
        use ExecutionStatus as S;
        loop {
            let execution = self.workflow(id, "pause").await?;
            match execution.status {
                S::Running => {}
                S::Pausing | S::Paused => return Ok(self.told_again(execution)),
                S::Requested
                | S::Delayed
                | S::Scheduled
                | S::Resuming
                | S::Pending
                | S::Canceling
                | S::Succeeded
                | S::Failed
                | S::TimedOut
                | S::Abandoned
                | S::Canceled => return Err(PauseError::NotRunning(id)),
            }
            if let Some(changed) = self.change_by_hand(&execution, S::Pausing, None).await? {
                tracing::info!(execution.id = %id, user, "a workflow is asked to pause");
                return Ok(changed);
            }
        }
    }

    /// Asks a paused workflow to go on: it is `resuming`, and offered to whoever conducts workflows. One that runs
    /// already stays as it is. Returns it as it is then.
    pub async fn resume(&self, id: ExecutionId, user: &str) -> Result<Execution, PauseError> {
        use ExecutionStatus as S;
        loop {
            let execution = self.workflow(id, "resume").await?;
            match execution.status {
                S::Paused => {}
                S::Running | S::Resuming => return Ok(self.told_again(execution)),
                other @ (S::Requested
                | S::Delayed
                | S::Scheduled
                | S::Pausing
                | S::Pending
                | S::Canceling
                | S::Succeeded
                | S::Failed
                | S::TimedOut
                | S::Abandoned
                | S::Canceled) => return Err(PauseError::NotPaused(id, other)),
            }
            if let Some(changed) = self.change_by_hand(&execution, S::Resuming, None).await? {
                tracing::info!(execution.id = %id, user, "a workflow is asked to go on");
                return Ok(changed);
            }
        }
    }

    /// Who conducts it may not have heard of what was asked for before.
    fn told_again(&self, execution: Execution) -> Execution {
        if matches!(
            execution.status,
            ExecutionStatus::Pausing | ExecutionStatus::Resuming
        ) {
            self.tell_keeper(&execution);
        }
        execution
    }

    async fn workflow(&self, id: ExecutionId, verb: &'static str) -> Result<Execution, PauseError> {
        let execution = self.store.execution(id).await?;
        let execution = execution.ok_or(PauseError::Unknown(id))?;
        if model::is_conducted(&execution.runner) {
            return Ok(execution);
        }
        Err(PauseError::NotAWorkflow {
            verb,
            id,
            runner: execution.runner,
        })
    }
}
