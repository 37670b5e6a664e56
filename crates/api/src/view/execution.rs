//! Executions as StackStorm shows them: action and runner as they were, and the live action inside.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use model::{ActionSnapshot, Execution, ExecutionStatus, Object};
use serde_json::{Value, json};

use super::{origin, secret, time};
use crate::projection::{Attributes, Projection};
use crate::{Api, ApiError};

/// What can be asked of an execution. As in StackStorm only large members can be left out.
pub(crate) const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "trigger",
        "trigger_type",
        "trigger_instance",
        "rule",
        "action",
        "runner",
        "liveaction",
        "workflow_execution",
        "task_execution",
        "status",
        "start_timestamp",
        "end_timestamp",
        "elapsed_seconds",
        "parameters",
        "result",
        "result_size",
        "context",
        "parent",
        "children",
        "log",
        "delay",
        "web_url",
        "notify",
    ],
    excludable: Some(&["result", "trigger_instance", "status"]),
    whole: &[
        "result",
        "status",
        "start_timestamp",
        "end_timestamp",
        "elapsed_seconds",
        "result_size",
        "parent",
        "children",
        "delay",
        "web_url",
    ],
};

/// Runners whose executions have children.
const WORKFLOW_RUNNERS: [&str; 3] = ["orquesta", "orchestra", "action-chain"];
/// How many executions of a page have their origins looked up at a time.
const AT_A_TIME: usize = 8;

/// The views of a page of executions, in its order.
pub(crate) async fn executions(
    api: &Api,
    executions: Vec<Execution>,
    wanted: &Projection,
    show_secrets: bool,
) -> Result<Vec<Value>, ApiError> {
    let views = executions
        .into_iter()
        .map(|one| execution(api, one, wanted, show_secrets));
    stream::iter(views).buffered(AT_A_TIME).try_collect().await
}

/// The view of one execution. What is not wanted is not looked up, but the wanted is not picked out here.
pub(crate) async fn execution(
    api: &Api,
    mut execution: Execution,
    wanted: &Projection,
    show_secrets: bool,
) -> Result<Value, ApiError> {
    let snapshot = api.store.snapshot(&execution.snapshot).await?;
    settle_secrets(api, &mut execution, snapshot.as_deref(), show_secrets);
    let mut view = origin::members(api, &execution, wanted).await?;
    if let (Some(snapshot), false) = (&snapshot, show_secrets) {
        mask_rule(&mut view, snapshot);
    }
    if is_workflow(&execution) && wanted.wants("children") {
        let children = api.store.children(execution.id).await?;
        if !children.is_empty() {
            view.insert("children".to_owned(), serde_json::to_value(children)?);
        }
    }
    fill(api, &mut view, execution, snapshot)?;
    Ok(Value::Object(view))
}

/// The parameters that the rule gives to the action.
fn mask_rule(view: &mut Object, snapshot: &ActionSnapshot) {
    let parameters = view
        .get_mut("rule")
        .and_then(|rule| rule.pointer_mut("/action/parameters"));
    if let Some(Value::Object(parameters)) = parameters {
        secret::mask_declared(parameters, snapshot);
    }
}

/// The live action alone, as the stream's `st2.liveaction__*` events carry it.
pub(crate) fn live_action(execution: &Execution) -> Value {
    json!({
        "id": execution.id,
        "action": execution.action_ref,
        "action_is_workflow": is_workflow(execution),
        "status": execution.status,
        "start_timestamp": time(execution.start_timestamp),
        "parameters": execution.parameters,
        "result": execution.result.clone().unwrap_or_else(|| json!({})),
        "context": context(execution),
        "callback": {},
        "runner_info": execution.runner_info.as_ref().map_or_else(|| json!({}), |info| json!(info)),
    })
}

fn is_workflow(execution: &Execution) -> bool {
    WORKFLOW_RUNNERS.contains(&execution.runner.as_str())
}

fn settle_secrets(
    api: &Api,
    execution: &mut Execution,
    snapshot: Option<&ActionSnapshot>,
    show: bool,
) {
    match snapshot {
        Some(snapshot) if !show => executions::mask_result(execution, snapshot),
        _ if show => {
            execution
                .parameters
                .values_mut()
                .for_each(|value| secret::open(&api.vault, value));
            if let Some(result) = &mut execution.result {
                secret::open(&api.vault, result);
            }
        }
        _ => {}
    }
}

fn fill(
    api: &Api,
    view: &mut Object,
    execution: Execution,
    snapshot: Option<Arc<ActionSnapshot>>,
) -> Result<(), ApiError> {
    let mut add = |name: &str, value: Value| view.insert(name.to_owned(), value);
    add("context", context(&execution));
    let (action, runner) = match snapshot {
        Some(snapshot) => (
            serde_json::to_value(&snapshot.action)?,
            serde_json::to_value(&snapshot.runner)?,
        ),
        None => (
            json!({"ref": execution.action_ref}),
            json!({"name": execution.runner}),
        ),
    };
    add("action", action);
    add("runner", runner);
    add("liveaction", inner_live_action(&execution));
    add("status", json!(execution.status));
    add("start_timestamp", json!(time(execution.start_timestamp)));
    if let Some(end) = execution.end_timestamp {
        add("end_timestamp", json!(time(end)));
        add("elapsed_seconds", json!(seconds_between(&execution, end)));
    }
    if !execution.parameters.is_empty() {
        add("parameters", Value::Object(execution.parameters));
    }
    if let Some(size) = execution.result_size {
        add("result_size", json!(size));
    }
    if let Some(result) = execution.result {
        add("result", result);
    }
    if let Some(parent) = execution.context.parent {
        add("parent", json!(parent));
    }
    if let Some(task) = &execution.context.task {
        add("workflow_execution", json!(task.workflow_execution_id));
        add("task_execution", json!(task.task_execution_id));
    }
    add(
        "log",
        execution
            .log
            .iter()
            .map(|entry| json!({"timestamp": time(entry.timestamp), "status": entry.status}))
            .collect(),
    );
    if let Some(delay) = execution.delay_ms {
        add("delay", json!(delay));
    }
    add(
        "web_url",
        json!(format!(
            "{}/#/history/{}/general",
            api.options.web_url, execution.id
        )),
    );
    add("id", json!(execution.id));
    Ok(())
}

fn seconds_between(execution: &Execution, end: chrono::DateTime<chrono::Utc>) -> f64 {
    (end - execution.start_timestamp)
        .to_std()
        .unwrap_or_default()
        .as_secs_f64()
}

/// The live action inside an execution: the same run, seen by StackStorm's other record.
fn inner_live_action(execution: &Execution) -> Value {
    let mut view = json!({
        "action": execution.action_ref,
        "action_is_workflow": is_workflow(execution),
        "parameters": execution.parameters,
        "callback": {},
        "runner_info": execution.runner_info.as_ref().map_or_else(|| json!({}), |info| json!(info)),
        "id": execution.id,
    });
    if !execution.notify.is_empty() {
        view["notify"] = Value::Object(execution.notify.clone());
    }
    view
}

/// The context by StackStorm's names.
fn context(execution: &Execution) -> Value {
    let context = &execution.context;
    let mut view = Object::new();
    let mut add = |name: &str, value: Value| view.insert(name.to_owned(), value);
    if let Some(instance) = &context.trigger_instance {
        add("trigger_instance", json!({"id": instance.id, "name": null}));
    }
    if let Some(rule) = &context.rule {
        add("rule", json!({"id": rule.id, "name": rule.name}));
    }
    if let Some(original) = context.re_run_of {
        add("re-run", json!({"ref": original}));
    }
    if let Some(parent) = context.parent {
        add("parent", json!({"execution_id": parent}));
    }
    if let Some(task) = &context.task {
        add("orquesta", json!(task));
    }
    if let Some(id) = context.workflow_execution {
        add("workflow_execution", json!(id));
    }
    add("user", json!(context.user));
    add("pack", json!(context.pack));
    match &context.trace {
        Some(trace) if context.rule.is_some() => {
            add(
                "trace_context",
                json!({"id_": trace.id, "trace_tag": trace.tag}),
            );
        }
        Some(trace) if context.re_run_of.is_some() => {
            add("trace_context", json!({"id_": trace.id}));
        }
        Some(_) | None => {}
    }
    if let Some(user) = cancelled_by(execution) {
        add("cancelled_by", user.clone());
    }
    for (name, value) in &context.extra {
        add(name, value.clone());
    }
    Value::Object(view)
}

/// Who asked to cancel: the result says it, from the moment on that they asked.
fn cancelled_by(execution: &Execution) -> Option<&Value> {
    use ExecutionStatus as S;
    match execution.status {
        S::Canceling | S::Canceled => execution.result.as_ref()?.get("user"),
        S::Requested
        | S::Delayed
        | S::Scheduled
        | S::Running
        | S::Succeeded
        | S::Failed
        | S::TimedOut
        | S::Abandoned
        | S::Pausing
        | S::Paused
        | S::Resuming
        | S::Pending => None,
    }
}
