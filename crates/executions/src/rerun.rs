//! Running an execution again.

use std::time::Duration;

use model::{Execution, ExecutionContext, ExecutionId, Object};
use serde_json::{Value, json};

use crate::parameters::secrets;
use crate::{ExecutionRequest, Executions, RequestError};

/// The runner whose workflows can begin again at some of their tasks.
const ORQUESTA: &str = "orquesta";

/// What to do differently.
#[derive(Debug, Clone, Default)]
pub struct RerunOptions {
    /// Parameters that replace the old ones.
    pub parameters: Object,
    /// Take the given parameters only: nothing is kept of the old ones, nor whom to tell.
    pub is_from_scratch: bool,
    /// Of a workflow: begin at these tasks, with what the others left. All of it where this is empty.
    pub tasks: Vec<String>,
    /// Those of `tasks` that run for all of their items again, not only for those that had not succeeded.
    pub reset: Vec<String>,
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
    /// What a workflow has done was done with its parameters.
    #[error("Parameters override is not supported when re-running task(s) for a workflow.")]
    ParametersWithTasks,
    /// Only what is run again can be reset.
    #[error("List of tasks to reset does not match the tasks to rerun.")]
    ResetWithoutTask,
    /// It has no tasks.
    #[error("Task option is only supported for Orquesta workflows.")]
    NoTasks,
    /// It still does what it was asked for.
    #[error("Unable to rerun workflow execution \"{0}\" because it is not in a completed state.")]
    NotEnded(ExecutionId),
    /// The new request is not right.
    #[error(transparent)]
    Request(#[from] RequestError),
}

impl Executions {
    /// Requests the same action with the same parameters (secrets included), save for what `options` change. The new
    /// execution belongs to the trace of the old one, and to no workflow: one that asked for the old one has been told
    /// of its end. Whether a workflow has the tasks it is to begin at is found out by who conducts it.
    pub async fn re_run(
        &self,
        id: ExecutionId,
        options: RerunOptions,
    ) -> Result<Execution, RerunError> {
        options.check()?;
        let old = self
            .store
            .execution(id)
            .await
            .map_err(RequestError::from)?
            .ok_or(RerunError::Unknown(id))?;
        options.check_with(&old)?;
        let mut extra = Object::new();
        if !options.tasks.is_empty() {
            extra.insert("re-run".to_owned(), options.tasks_of(id));
        }
        let mut parameters = Object::new();
        if !options.is_from_scratch {
            let plan = self.plan_of(&old).await.map_err(RequestError::from)?;
            parameters = secrets::open(&plan.secrets, &old.parameters, &self.vault)
                .map_err(RequestError::from)?;
        }
        parameters.extend(options.parameters);
        let request = ExecutionRequest {
            action: old.action_ref.to_string(),
            parameters,
            context: ExecutionContext {
                user: options.user,
                trace: old.context.trace,
                re_run_of: Some(id),
                extra,
                ..ExecutionContext::default()
            },
            delay: options.delay,
            notify: if options.is_from_scratch {
                Object::new()
            } else {
                old.notify
            },
            variables: Vec::new(),
        };
        Ok(self.request(request).await?)
    }
}

impl RerunOptions {
    fn check(&self) -> Result<(), RerunError> {
        let names_tasks = !self.tasks.is_empty() || !self.reset.is_empty();
        if names_tasks && !self.parameters.is_empty() {
            return Err(RerunError::ParametersWithTasks);
        }
        if self.reset.iter().all(|task| self.tasks.contains(task)) {
            Ok(())
        } else {
            Err(RerunError::ResetWithoutTask)
        }
    }

    fn check_with(&self, old: &Execution) -> Result<(), RerunError> {
        if self.tasks.is_empty() {
            Ok(())
        } else if old.runner != ORQUESTA {
            Err(RerunError::NoTasks)
        } else if !old.status.is_final() {
            Err(RerunError::NotEnded(old.id))
        } else {
            Ok(())
        }
    }

    /// What the workflow role reads in the context of the new execution, in StackStorm's form.
    fn tasks_of(&self, id: ExecutionId) -> Value {
        let mut wish = json!({ "ref": id, "tasks": self.tasks });
        if !self.reset.is_empty() {
            wish["reset"] = json!(self.reset);
        }
        wish
    }
}
