//! Trying an action again that failed, where a policy (`action.retry`) says so.

use model::{Execution, ExecutionId, ExecutionStatus, LogEntry};
use store::StoreError;

use crate::Executions;
use crate::finish::Patience;
use crate::parameters::secrets;
use crate::plan::Freshness;

impl Executions {
    /// The next try of an execution that ends so, as it is to be requested with the end. Parameters stay as they are,
    /// sealed; action and runner are those of the first try.
    pub(crate) async fn next_try(
        &self,
        execution: &Execution,
        status: ExecutionStatus,
    ) -> Option<Box<Execution>> {
        use ExecutionStatus as S;
        if !matches!(status, S::Failed | S::TimedOut | S::Abandoned) {
            return None;
        }
        let mut patience = Patience::default();
        loop {
            let error = match self.try_again(execution, status).await {
                Ok(retry) => return retry.map(Box::new),
                Err(error) => error,
            };
            if let Err(error) = patience.wait(error, 1).await {
                tracing::error!(
                    execution.id = %execution.id,
                    error = %error,
                    "not tried again: the policies of its action cannot be read"
                );
                return None;
            }
        }
    }

    async fn try_again(
        &self,
        execution: &Execution,
        status: ExecutionStatus,
    ) -> Result<Option<Execution>, StoreError> {
        let action = execution.action_ref.as_str();
        let policies = self.policies(action).await?;
        let Some(next) = policies.next_try(execution, status) else {
            return Ok(None);
        };
        let (Some(plan), true) = (
            self.find_plan(execution).await?,
            self.is_wanted_again(execution).await?,
        ) else {
            return Ok(None);
        };
        let Ok(parameters) = secrets::open(&plan.secrets, &execution.parameters, &self.vault)
        else {
            tracing::warn!(execution.id = %execution.id, "not tried again: its secret parameters cannot be opened");
            return Ok(None);
        };
        let gates = self.gates(&plan, &parameters).await?;
        let now = self.clock.now();
        let mut context = execution.context.clone();
        context.workflow_execution = None;
        context.extra.insert("policies".to_owned(), next.context);
        Ok(Some(Execution {
            id: self.ids.next(now),
            action_ref: execution.action_ref.clone(),
            runner: execution.runner.clone(),
            snapshot: execution.snapshot.clone(),
            status: ExecutionStatus::Requested,
            parameters: execution.parameters.clone(),
            context,
            start_timestamp: now,
            end_timestamp: None,
            delay_ms: next.delay_ms,
            result: None,
            result_size: None,
            log: vec![LogEntry {
                timestamp: now,
                status: ExecutionStatus::Requested,
            }],
            runner_info: None,
            notify: execution.notify.clone(),
            lease: None,
            gates,
        }))
    }

    /// Whether the action may still run, and its workflow still waits for it.
    async fn is_wanted_again(&self, execution: &Execution) -> Result<bool, StoreError> {
        let action = execution.action_ref.as_str();
        match self.runnable(action, Freshness::Recent).await {
            Ok(_) => {}
            Err(crate::RequestError::Store(error)) => return Err(error),
            Err(_) => return Ok(false),
        }
        let Some(parent) = execution.context.parent else {
            return Ok(true);
        };
        let parent = self.store.execution(parent).await?;
        Ok(parent.is_some_and(|parent| {
            !parent.status.is_final() && parent.status != ExecutionStatus::Canceling
        }))
    }
}

/// Of a try that a policy asked for: the execution that was tried first.
pub(crate) fn first_try(execution: &Execution) -> Option<ExecutionId> {
    let policies = execution.context.extra.get("policies")?;
    let first = policies.get("retry")?.get("first_liveaction_id")?;
    first.as_str()?.parse().ok()
}
