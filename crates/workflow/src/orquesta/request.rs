//! Starting what the conductor offers: tasks become requests of executions.

use std::time::Duration;

use conductor::{ActionRequest, ItemReport, Offer, Report, Status, TaskKey};
use executions::{ExecutionRequest, Executions, RequestError};
use model::{Execution, ExecutionContext, Object, TaskExecutionId, TaskOrigin};
use pyvalue::Value;
use serde_json::json;

use super::{Orquesta, REQUESTS, Step, StepError};
use crate::children::Awaited;
use crate::surroundings::Bench;

/// What a context keeps of its parent's beside its id, user and pack.
const PASSED_DOWN: [&str; 2] = ["api_user", "source_channel"];

/// Why a task cannot ask for an execution.
enum Unrequestable {
    /// The store does not answer.
    Now(StepError),
    /// The task is wrong.
    Ever(String),
}

impl Orquesta {
    /// Starts a task: asks for its executions, or, where there are none, lets it end at once.
    pub(super) async fn start(
        &mut self,
        bench: &Bench,
        execution: &Execution,
        step: &mut Step,
        mut offer: Offer,
    ) -> Result<(), StepError> {
        let has_actions = offer.actions.iter().any(|action| !action.action.is_none());
        if !has_actions {
            self.tell(step, &offer.task, Status::Running, None);
            self.tell(step, &offer.task, Status::Succeeded, None);
            return Ok(());
        }
        let new_run = || bench.ids.next::<TaskExecutionId>(bench.clock.now());
        let run = match offer.items_count {
            Some(count) => self.children.run_of_items(&offer.task, count, new_run),
            None => new_run(),
        };
        // Items beyond that are offered again. A part of them all, so that few rounds are enough for any number.
        let room = REQUESTS.max(offer.actions.len() / 4);
        offer.actions.truncate(room);
        let mut requests = Vec::with_capacity(offer.actions.len());
        for action in &offer.actions {
            match self.prepare(bench, execution, &offer, action, run).await {
                Ok(request) => requests.push((request, action.item)),
                Err(Unrequestable::Now(error)) => return Err(error),
                Err(Unrequestable::Ever(reason)) => {
                    self.tell(step, &offer.task, Status::Running, action.item);
                    self.give_up(step, &offer.task, &reason);
                    return Ok(());
                }
            }
        }
        for (request, item) in requests {
            self.tell(step, &offer.task, Status::Running, item);
            let awaited = Awaited {
                task: offer.task.clone(),
                item,
                run,
                is_workflow: model::is_conducted(&request.runner),
                status: model::ExecutionStatus::Running,
            };
            step.records.push(self.children.expect(request.id, awaited));
            step.requests.push(request);
        }
        Ok(())
    }

    /// Reports on a task without result.
    fn tell(&mut self, step: &mut Step, task: &TaskKey, status: Status, item: Option<usize>) {
        let report = Report {
            task: task.clone(),
            status,
            result: Value::None,
            item: item.map(|item| ItemReport {
                item,
                results: Value::None,
            }),
        };
        match self.conductor.report(&mut self.state, &report) {
            Ok(changes) => step.state.extend(changes),
            Err(refusal) => self.give_up(step, task, &refusal.to_string()),
        }
    }

    async fn prepare(
        &self,
        bench: &Bench,
        parent: &Execution,
        offer: &Offer,
        action: &ActionRequest,
        run: TaskExecutionId,
    ) -> Result<Execution, Unrequestable> {
        let name = &offer.task.id;
        let Some(action_ref) = action.action.as_str() else {
            return Err(Unrequestable::Ever(format!(
                "The action of task \"{name}\" is a text, not of type '{}'.",
                action.action.type_name()
            )));
        };
        let request = ExecutionRequest {
            action: action_ref.to_owned(),
            parameters: parameters(name, &action.input).map_err(Unrequestable::Ever)?,
            context: self.context(parent, &offer.task, action.item, run),
            delay: delay(offer, action),
            notify: self.notify(parent, name),
            variables: Vec::new(),
        };
        match bench.executions.prepare_task(request).await {
            Ok(execution) => Ok(execution),
            Err(error @ RequestError::Store(_)) => Err(Unrequestable::Now(error.into())),
            Err(error) => {
                let item = action
                    .item
                    .map_or_else(String::new, |item| format!(", item {item}"));
                Err(Unrequestable::Ever(format!(
                    "Task \"{name}\"{item} cannot run \"{action_ref}\": {error}"
                )))
            }
        }
    }

    fn context(
        &self,
        parent: &Execution,
        task: &TaskKey,
        item: Option<usize>,
        run: TaskExecutionId,
    ) -> ExecutionContext {
        let of_parent = &parent.context;
        let mut shown = Object::new();
        shown.insert("execution_id".to_owned(), json!(parent.id));
        shown.insert("user".to_owned(), json!(of_parent.user));
        shown.insert("pack".to_owned(), json!(of_parent.pack));
        let mut extra = Object::new();
        for name in PASSED_DOWN {
            if let Some(value) = of_parent.extra.get(name) {
                shown.insert(name.to_owned(), value.clone());
                extra.insert(name.to_owned(), value.clone());
            }
        }
        extra.insert("parent".to_owned(), shown.into());
        ExecutionContext {
            user: of_parent.user.clone(),
            trace: of_parent.trace.clone(),
            parent: Some(parent.id),
            task: Some(TaskOrigin {
                workflow_execution_id: self.meta.workflow_execution,
                task_execution_id: run,
                task_name: task.id.to_string(),
                task_id: task.id.to_string(),
                task_route: task.route,
                item_id: item,
            }),
            extra,
            ..ExecutionContext::default()
        }
    }

    /// Whom to tell of the end of a task: those that are told of the workflow's, where it says so.
    fn notify(&self, parent: &Execution, task: &str) -> Object {
        if self.meta.notify.contains(task) {
            parent.notify.clone()
        } else {
            Object::new()
        }
    }
}

fn parameters(task: &str, input: &Value) -> Result<Object, String> {
    let wrong = |what: &str| format!("The input of task \"{task}\" {what}.");
    match input {
        Value::None => Ok(Object::new()),
        input => match input.to_json() {
            Ok(serde_json::Value::Object(parameters)) => Ok(parameters),
            Ok(_) => Err(wrong(&format!(
                "is a dictionary, not of type '{}'",
                input.type_name()
            ))),
            Err(error) => Err(wrong(&format!("cannot be shown as JSON: {error}"))),
        },
    }
}

/// How long an execution waits first. Of a task whose items run so many at once, only the first of them wait (as st2's
/// `eval_action_execution_delay`).
fn delay(offer: &Offer, action: &ActionRequest) -> Option<Duration> {
    let delay = u64::try_from(offer.delay?)
        .ok()
        .filter(|delay| *delay > 0)?;
    let is_later_item = match (action.item, offer.concurrency) {
        (Some(item), Some(concurrency)) if concurrency != 0 => {
            i64::try_from(item).unwrap_or(i64::MAX) >= concurrency
        }
        _ => false,
    };
    (!is_later_item).then(|| Duration::from_secs(delay))
}

/// The context of a workflow's execution as `ctx().parent` shows it.
pub(super) fn parent_view(execution: &Execution) -> serde_json::Value {
    Executions::context_view(&execution.context).into()
}
