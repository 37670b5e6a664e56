//! Trigger instances.

use model::TriggerInstance;
use serde_json::{Value, json};

use super::time;

/// A trigger instance as StackStorm shows it; trace and reason of the status are ours.
pub(crate) fn trigger_instance(instance: &TriggerInstance) -> Value {
    json!({
        "trigger": instance.trigger,
        "occurrence_time": time(instance.occurrence_time),
        "status": instance.status,
        "id": instance.id,
        "payload": instance.payload,
    })
}
