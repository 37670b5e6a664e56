//! Trigger instances.

use model::TriggerInstance;
use serde_json::{Value, json};

use super::time;

/// A trigger instance as StackStorm shows it.
pub(crate) fn trigger_instance(instance: &TriggerInstance) -> Value {
    json!({
        "trigger": instance.trigger,
        "occurrence_time": time(instance.occurrence_time),
        "status": instance.status,
        "id": instance.id,
        "payload": instance.payload,
    })
}

/// The same, with why it stands where it stands, its trigger type and its trace: for those who ask (`explain=true`).
pub(crate) fn explained_trigger_instance(instance: &TriggerInstance) -> Value {
    let mut view = trigger_instance(instance);
    view["status_reason"] = json!(instance.status_reason);
    view["trigger_type"] = json!(instance.trigger_type);
    view["trace"] = json!({ "id": instance.trace.id, "trace_tag": instance.trace.tag });
    view
}
