//! Requesting executions.

use std::sync::Arc;
use std::time::Duration;

use bus::{Announcement, News};
use model::{
    Execution, ExecutionContext, ExecutionId, ExecutionStatus, LogEntry, Object, TraceContext,
};
use serde_json::Value;
use store::StoreError;

use crate::context::OWN_TRACE;
use crate::mask::mask_sealed;
use crate::parameters::{Rendering, secrets};
use crate::plan::{Freshness, Plan};
use crate::{Executions, ParameterError};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ExecutionRequest {
    /// The action's reference.
    pub action: String,
    /// Parameters as given: strings may be Jinja over `st2kv`, `action_context`, `config_context` and each other.
    pub parameters: Object,
    /// Who asks, and from where; `pack` is filled in, and `trace` where there is none.
    pub context: ExecutionContext,
    /// Wait this long first.
    pub delay: Option<Duration>,
    /// Whom to tell when it ends; else, and first for a task of a workflow that tells of it, whom the action's own metadata
    /// names.
    pub notify: Object,
    /// Further names that parameters may use (a rule's `trigger`).
    pub variables: Vec<(String, Arc<Value>)>,
}

/// Whom to tell of an end. Of a task of a workflow nobody is told unless the workflow says so.
fn told(given: Object, of_action: &Object, context: &ExecutionContext) -> Object {
    let is_task = context.task.is_some();
    let is_of_action = given.is_empty() != is_task && !of_action.is_empty();
    if is_of_action {
        of_action.clone()
    } else {
        given
    }
}

/// What given parameters are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Texts in them may be templates.
    Templates,
    /// Data.
    Values,
}

/// Why an execution was not requested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// There is no such action.
    #[error("Action \"{0}\" cannot be found.")]
    UnknownAction(String),
    /// It is switched off.
    #[error("Unable to execute. Action \"{0}\" is disabled.")]
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
    /// Action, runner, pack configuration and schemas are cached by the store's revisions, which are looked at a few
    /// times a second: a definition that was changed a moment ago may not be in force yet.
    pub async fn prepare(&self, request: ExecutionRequest) -> Result<Execution, RequestError> {
        let plan = self.runnable(&request.action, Freshness::Recent).await?;
        self.prepare_with(&plan, request).await
    }

    /// Checks a request, stores the execution, announces it and tells the streams. Definitions are those that the
    /// store has now.
    pub async fn request(&self, request: ExecutionRequest) -> Result<Execution, RequestError> {
        let plan = self.runnable(&request.action, Freshness::Now).await?;
        let execution = self.prepare_with(&plan, request).await?;
        self.store
            .request_executions(std::slice::from_ref(&execution))
            .await?;
        self.announce(vec![execution.clone()]);
        Ok(execution)
    }

    /// As [`Executions::request`], for several at once: all of them are requested, or none.
    pub async fn request_all(
        &self,
        requests: Vec<ExecutionRequest>,
    ) -> Result<Vec<Execution>, RequestError> {
        let mut executions = Vec::with_capacity(requests.len());
        let mut freshness = Freshness::Now;
        for request in requests {
            let plan = self.runnable(&request.action, freshness).await?;
            executions.push(self.prepare_with(&plan, request).await?);
            freshness = Freshness::Recent;
        }
        self.store.request_executions(&executions).await?;
        self.announce(executions.clone());
        Ok(executions)
    }

    /// Announces executions that were stored elsewhere (rules, workflows), to those who run them and to streams.
    pub fn announce(&self, executions: Vec<Execution>) {
        let shown: Vec<Execution> = if self.bus.has_audience() {
            executions.iter().map(masked).collect()
        } else {
            Vec::new()
        };
        self.hand_out(executions);
        for execution in shown {
            self.bus
                .tell(News::Announcement(Announcement::ExecutionCreated(
                    Box::new(execution),
                )));
        }
    }

    /// As [`Executions::prepare`], for a task of a workflow: the parameters are what its expressions have yielded, so they are
    /// data, whatever they look like. (StackStorm renders them as templates once more.)
    pub async fn prepare_task(&self, request: ExecutionRequest) -> Result<Execution, RequestError> {
        let plan = self.runnable(&request.action, Freshness::Recent).await?;
        self.prepare_given(&plan, request, Given::Values).await
    }

    async fn prepare_with(
        &self,
        plan: &Plan,
        request: ExecutionRequest,
    ) -> Result<Execution, RequestError> {
        self.prepare_given(plan, request, Given::Templates).await
    }

    async fn prepare_given(
        &self,
        plan: &Plan,
        request: ExecutionRequest,
        given: Given,
    ) -> Result<Execution, RequestError> {
        let action = &plan.snapshot.action;
        let now = self.clock.now();
        let id: ExecutionId = self.ids.next(now);
        let mut context = request.context;
        context.pack.clone_from(&action.pack);
        let parameters = self
            .checked_parameters(
                plan,
                (&request.parameters, given),
                &context,
                &request.variables,
            )
            .await?;
        let gates = self.gates(plan, &parameters).await?;
        let notify = told(request.notify, &action.notify, &context);
        // Only now: templates see the trace that the caller named, and no other.
        context.trace.get_or_insert_with(|| TraceContext {
            id: self.ids.next(now),
            tag: format!("{OWN_TRACE}{id}"),
        });
        Ok(Execution {
            id,
            action_ref: action.action_ref.clone(),
            runner: plan.snapshot.runner.name.clone(),
            snapshot: plan.snapshot.key.clone(),
            status: ExecutionStatus::Requested,
            parameters: secrets::seal(&plan.secrets, parameters, &self.vault),
            context,
            start_timestamp: now,
            end_timestamp: None,
            delay_ms: request.delay.map(milliseconds).filter(|delay| *delay > 0),
            result: None,
            result_size: None,
            log: vec![LogEntry {
                timestamp: now,
                status: ExecutionStatus::Requested,
            }],
            runner_info: None,
            notify,
            lease: None,
            gates,
        })
    }

    async fn checked_parameters(
        &self,
        plan: &Plan,
        (parameters, given): (&Object, Given),
        context: &ExecutionContext,
        further: &[(String, Arc<Value>)],
    ) -> Result<Object, ParameterError> {
        let rendering = match given {
            Given::Templates => {
                Rendering::of_templates(&plan.defaults, parameters, &self.templates)
            }
            Given::Values => Rendering::of_values(&plan.defaults, parameters),
        };
        let variables = self.variables(rendering.needs(), context, further).await?;
        let live = rendering.live(&variables)?;
        let schema = plan.schema.as_ref().map_err(Clone::clone)?;
        let instance = Value::Object(live);
        schema
            .validate(&instance)
            .map_err(|error| ParameterError::Schema {
                message: error.message,
            })?;
        let Value::Object(live) = instance else {
            return Ok(Object::new());
        };
        let immutable: Vec<String> = live
            .keys()
            .filter(|name| plan.defaults.is_immutable(name))
            .cloned()
            .collect();
        if immutable.is_empty() {
            Ok(live)
        } else {
            Err(ParameterError::Immutable(immutable))
        }
    }
}

fn milliseconds(delay: Duration) -> u64 {
    u64::try_from(delay.as_millis()).unwrap_or(u64::MAX)
}

/// An execution as streams show it before it has a result.
fn masked(execution: &Execution) -> Execution {
    let mut shown = execution.clone();
    shown.parameters.values_mut().for_each(mask_sealed);
    shown
}

impl Executions {
    /// Whether an execution's parameters or result may hold secrets.
    pub async fn knows_secrets(&self, execution: &Execution) -> Result<bool, ParameterError> {
        let plan = self.plan_of(execution).await?;
        Ok(!plan.secrets.is_empty() || !plan.output_secrets.is_empty())
    }

    /// The context of an execution as templates and workflows see it (`action_context`, `ctx().parent`).
    #[must_use]
    pub fn context_view(context: &ExecutionContext) -> Object {
        crate::context::view(context)
    }
}
