//! An Orquesta workflow under way: the conductor's state, and what it waits for.
//!
//! `begin` and `restore` make one, `take` tells it what has happened. What the conductor decides becomes requests of
//! executions, records, and the state of the workflow's own execution.

mod begin;
mod hear;
mod request;
mod restore;

use std::collections::HashSet;

use conductor::{Changes, Conductor, State, Status, TaskKey};
use model::{Execution, ExecutionId, ExecutionStatus, WorkflowExecutionId};
use pyvalue::Value;
use secrets::Vault;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{RecordChange, StoreError};

use crate::children::Children;
use crate::definitions::Compiled;
use crate::effects::{Effects, Event, ReachDown};
use crate::learnt::Learnt;
use crate::records::{self, META, RecordError};
use crate::surroundings::Bench;
use crate::tasks::TaskRuns;

pub(crate) use restore::RestoreFailure;

/// After so many rounds of tasks that end at once (they have no action) a step is stored before it goes on.
const ROUNDS: usize = 100;

/// After so many requests, too: what was asked for runs while the rest is thought out.
const REQUESTS: usize = 2000;

/// A workflow under way.
#[derive(Debug)]
pub(crate) struct Orquesta {
    compiled: std::sync::Arc<Compiled>,
    conductor: Conductor,
    state: State,
    children: Children,
    tasks: TaskRuns,
    learnt: Learnt,
    meta: Meta,
}

/// What is remembered of a workflow beside the conductor's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Meta {
    /// The id that its tasks know it by.
    workflow_execution: WorkflowExecutionId,
    /// Secrets are among what it knows, so its contexts are stored sealed.
    is_confidential: bool,
    /// Somebody asked for the pause that it is in, or comes to: it does not stand still for one of its tasks alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    is_pause_wanted: bool,
    /// The tasks whose ends its own notifications are told of.
    notify: HashSet<String>,
    /// The executions that it ran as before it was run again from some tasks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    before: Vec<ExecutionId>,
}

/// Why a step cannot be taken now: it is to be tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StepError {
    #[error("the store does not answer")]
    Store(#[from] StoreError),
    #[error("what a task asks for cannot be looked up")]
    Request(#[from] executions::RequestError),
    #[error("parameters cannot be read")]
    Datastore(#[source] executions::ParameterError),
    #[error("the state cannot be stored")]
    Record(#[from] RecordError),
}

/// What a step has changed so far.
#[derive(Debug, Default)]
struct Step {
    state: Changes,
    records: Vec<RecordChange>,
    requests: Vec<Execution>,
    reach_down: Option<ReachDown>,
    meta_changed: bool,
    is_unfinished: bool,
}

impl Orquesta {
    /// The executions that it waits for.
    pub(crate) fn children(&self) -> &Children {
        &self.children
    }

    /// Tells it what has happened; all that follows from it.
    pub(crate) async fn take(
        &mut self,
        bench: &Bench,
        execution: &Execution,
        events: Vec<Event>,
    ) -> Result<Effects, StepError> {
        self.look_around(bench, execution).await?;
        let mut step = Step::default();
        for event in events {
            match event {
                Event::Changed(change) => self.hear(bench, &mut step, *change),
                Event::Wanted(status) => self.want(&mut step, status),
                Event::Continue => {}
            }
        }
        self.go_on(bench, execution, &mut step).await?;
        self.effects(bench, execution.status, step)
    }

    /// Reads what expressions see beside the state, where they want to.
    async fn look_around(&mut self, bench: &Bench, execution: &Execution) -> Result<(), StepError> {
        let (compiled, context) = (&self.compiled, &execution.context);
        if compiled.datastore.is_empty() && !compiled.asks_for_tasks {
            return Ok(());
        }
        self.conductor = begin::conductor(bench, compiled, &context.user, &self.tasks).await?;
        Ok(())
    }

    /// Starts whatever is to run now, until nothing is.
    async fn go_on(
        &mut self,
        bench: &Bench,
        execution: &Execution,
        step: &mut Step,
    ) -> Result<(), StepError> {
        for _ in 0..ROUNDS {
            let offers = match self.conductor.next(&mut self.state) {
                Ok((offers, changes)) => {
                    step.state.extend(changes);
                    offers
                }
                Err(refusal) => {
                    tracing::error!(execution.id = %execution.id, "a workflow does not go on: {refusal}");
                    return Ok(());
                }
            };
            if offers.is_empty() {
                return Ok(());
            }
            for offer in offers {
                if self.has_run_enough(bench, step, &offer.task) {
                    break;
                }
                self.start(bench, execution, step, offer).await?;
            }
            if step.requests.len() >= REQUESTS {
                break;
            }
        }
        step.is_unfinished = true;
        Ok(())
    }

    /// Fails a workflow that loops for ever.
    fn has_run_enough(&mut self, bench: &Bench, step: &mut Step, task: &TaskKey) -> bool {
        let most = bench.options.max_task_runs;
        if self.state.sequence().len() < most {
            return false;
        }
        let reason = format!(
            "The workflow has run {most} tasks, which is as many as it may (`max_task_runs`): does \"{}\" lead back to itself for ever?",
            task.id
        );
        self.give_up(step, task, &reason);
        true
    }

    /// Fails the workflow over a task.
    fn give_up(&mut self, step: &mut Step, task: &TaskKey, reason: &str) {
        match self.conductor.give_up(&mut self.state, task, reason) {
            Ok(changes) => step.state.extend(changes),
            Err(refusal) => {
                tracing::debug!(task = %task, "a workflow has ended already: {refusal}");
            }
        }
    }

    /// What is to be stored and announced of a step.
    fn effects(
        &mut self,
        bench: &Bench,
        before: ExecutionStatus,
        mut step: Step,
    ) -> Result<Effects, StepError> {
        let vault = self.meta.is_confidential.then_some(&bench.vault);
        let mut changes = records::changes_of(&self.state, &step.state, vault)?;
        changes.append(&mut step.records);
        changes.append(&mut self.learnt.changes(&bench.vault));
        if self.meta.is_pause_wanted && !self.state.status().is_pause() {
            self.meta.is_pause_wanted = false;
            step.meta_changed = true;
        }
        if step.meta_changed {
            changes.push(self.meta.record());
        }
        let status = self.state.status();
        let end = status.is_completed().then(|| self.end(&bench.vault));
        let now = row_status(status);
        Ok(Effects {
            beginning: None,
            changes,
            requests: step.requests,
            status: now.filter(|now| end.is_none() && *now != before),
            is_unfinished: step.is_unfinished && end.is_none(),
            end,
            reach_down: step.reach_down,
        })
    }

    /// How its execution ends; the shape is st2's.
    fn end(&self, vault: &Vault) -> (ExecutionStatus, serde_json::Value) {
        let output = self.state.output().filter(|output| !output.is_empty());
        let output = output.map_or(Ok(serde_json::Value::Null), |output| {
            Value::Dict(output.clone()).to_json()
        });
        let mut status = ended_status(self.state.status());
        let mut errors: Vec<serde_json::Value> = self.state.errors().map(error_view).collect();
        let output = output.unwrap_or_else(|error| {
            status = ExecutionStatus::Failed;
            errors.push(json!({
                "type": "error",
                "message": format!("The output cannot be shown as JSON: {error}"),
            }));
            serde_json::Value::Null
        });
        let mut result = json!({ "output": output });
        if self.state.status().is_abended() || status == ExecutionStatus::Failed {
            result["errors"] = errors.into();
        }
        self.learnt.hide(&mut result, vault);
        (status, result)
    }
}

impl Meta {
    fn record(&self) -> RecordChange {
        RecordChange::Put {
            key: META.to_owned(),
            body: serde_json::to_string(self).unwrap_or_default(),
        }
    }
}

/// An error as results show it.
fn error_view(error: &conductor::ErrorEntry) -> serde_json::Value {
    let mut view = json!({ "type": "error", "message": error.message });
    if let Some(task) = &error.task_id {
        view["task_id"] = json!(task);
    }
    if let Some(transition) = &error.transition {
        view["task_transition_id"] = json!(transition);
    }
    if let Some(route) = error.route {
        view["route"] = json!(route);
    }
    if let Some(result) = &error.result {
        view["result"] = result.to_json().unwrap_or_default();
    }
    view
}

/// The state of an execution whose workflow has ended so.
fn ended_status(status: Status) -> ExecutionStatus {
    match status {
        Status::Succeeded => ExecutionStatus::Succeeded,
        Status::Canceled => ExecutionStatus::Canceled,
        Status::Timeout => ExecutionStatus::TimedOut,
        Status::Abandoned => ExecutionStatus::Abandoned,
        _ => ExecutionStatus::Failed,
    }
}

/// The state of an execution whose workflow is under way.
fn row_status(status: Status) -> Option<ExecutionStatus> {
    match status {
        Status::Pausing => Some(ExecutionStatus::Pausing),
        Status::Paused => Some(ExecutionStatus::Paused),
        Status::Canceling => Some(ExecutionStatus::Canceling),
        Status::Requested
        | Status::Scheduled
        | Status::Delayed
        | Status::Running
        | Status::Resuming
        | Status::Retrying => Some(ExecutionStatus::Running),
        Status::Unset
        | Status::Pending
        | Status::Canceled
        | Status::Succeeded
        | Status::Failed
        | Status::Timeout
        | Status::Abandoned => None,
    }
}

/// What an execution's state means to the conductor; none where it means nothing.
fn conductor_status(status: ExecutionStatus) -> Option<Status> {
    Some(match status {
        ExecutionStatus::Running | ExecutionStatus::Resuming => Status::Running,
        ExecutionStatus::Pending => Status::Pending,
        ExecutionStatus::Paused => Status::Paused,
        ExecutionStatus::Succeeded => Status::Succeeded,
        ExecutionStatus::Failed => Status::Failed,
        ExecutionStatus::TimedOut => Status::Timeout,
        ExecutionStatus::Abandoned => Status::Abandoned,
        ExecutionStatus::Canceled => Status::Canceled,
        ExecutionStatus::Requested
        | ExecutionStatus::Delayed
        | ExecutionStatus::Scheduled
        | ExecutionStatus::Canceling
        | ExecutionStatus::Pausing => return None,
    })
}
