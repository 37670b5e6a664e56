//! Rule enforcements.

use model::{Object, RuleEnforcement};
use serde_json::{Value, json};

use super::time;

/// An enforcement as StackStorm shows it.
pub(crate) fn enforcement(enforcement: &RuleEnforcement) -> Object {
    let mut view = Object::new();
    let mut add = |name: &str, value: Value| view.insert(name.to_owned(), value);
    add(
        "trigger_instance_id",
        json!(enforcement.trigger_instance_id),
    );
    if let Some(execution) = enforcement.execution_id {
        add("execution_id", json!(execution));
    }
    if let Some(reason) = &enforcement.failure_reason {
        add("failure_reason", json!(reason));
    }
    add("rule", json!(enforcement.rule));
    add("enforced_at", json!(time(enforcement.enforced_at)));
    add("status", json!(enforcement.status));
    add("id", json!(enforcement.id));
    view
}
