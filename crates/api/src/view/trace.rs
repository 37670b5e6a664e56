//! Traces.

use model::{Trace, TraceLink};
use serde::Serialize;
use serde_json::{Value, json};

use super::time;

/// A trace as StackStorm shows it.
pub(crate) fn trace(trace: &Trace) -> Value {
    json!({
        "uid": format!("trace:{}", trace.id()),
        "trace_tag": trace.context.tag,
        "trigger_instances": trace.trigger_instances.iter().map(|link| member(link, &instance_cause(link))).collect::<Vec<_>>(),
        "rules": trace.rules.iter().map(|link| member(link, &rule_cause(link))).collect::<Vec<_>>(),
        "action_executions": trace.executions.iter().map(|link| member(link, &execution_cause(link))).collect::<Vec<_>>(),
        "start_timestamp": time(trace.start_timestamp),
        "id": trace.id(),
    })
}

fn member<Id: Serialize>(link: &TraceLink<Id>, caused_by: &Value) -> Value {
    json!({
        "object_id": link.id,
        "ref": link.reference,
        "updated_at": time(link.at),
        "caused_by": caused_by,
    })
}

fn instance_cause<Id>(link: &TraceLink<Id>) -> Value {
    link.execution.map_or_else(
        || json!({}),
        |id| json!({"type": "action_execution", "id": id}),
    )
}

fn rule_cause<Id>(link: &TraceLink<Id>) -> Value {
    link.trigger_instance.map_or_else(
        || json!({}),
        |id| json!({"type": "trigger_instance", "id": id}),
    )
}

fn execution_cause<Id>(link: &TraceLink<Id>) -> Value {
    match (link.rule, link.trigger_instance, link.execution) {
        (Some(rule), Some(instance), _) => {
            json!({"type": "rule", "id": format!("{rule}:{instance}")})
        }
        (_, _, Some(parent)) => json!({"type": "action_execution", "id": parent}),
        _ => json!({}),
    }
}
