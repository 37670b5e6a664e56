//! The state of a workflow that expressions of `yaql` and `orquesta_expr` see.

use std::sync::Arc;

use chrono::{DateTime, FixedOffset};
use expr::orquesta::{Options, State, Tasks};
use pyvalue::{Dict, Value};
use serde_json::{Value as Json, json};

use super::memory::Memory;
use crate::Case;

/// Executions of tasks as a case lists them.
#[derive(Debug)]
struct Executions(Vec<Json>);

impl Tasks for Executions {
    fn execution(&self, workflow_execution: &str, task: &str, route: i64) -> Option<Value> {
        let is_wanted = |one: &&Json| one["task_id"] == task && one["route"] == route;
        let found = self.0.iter().rfind(is_wanted)?;
        Some(Value::from_json(&json!({
            "task_execution_id": format!("t-{task}"),
            "workflow_execution_id": workflow_execution,
            "task_name": task,
            "task_id": task,
            "route": route,
            "result": found["result"],
            "status": found["status"],
            "start_timestamp": "2024-01-01 00:00:00+00:00",
            "end_timestamp": "2024-01-01 00:00:05+00:00",
        })))
    }
}

/// What the expressions of a case see.
pub(super) fn state(case: &Case) -> State {
    let context: Dict = case
        .object("ctx")
        .iter()
        .map(|(name, value)| (name.as_str(), Value::from_json(value)))
        .collect();
    let user = case.get("ctx")["st2"]["user"].as_str().unwrap_or_default();
    State::from_context(context)
        .with_tasks(Arc::new(Executions(case.array("tasks").to_vec())))
        .with_datastore(Memory::of_keys(&case.object("kv"), user))
}

/// As the recordings were made: with evaluation of what expressions yield, and at some time of their day; what depends on
/// the time is not in them.
pub(super) fn options() -> Options {
    Options {
        reevaluate: true,
        now: DateTime::from_timestamp(1_718_452_800, 0).map(DateTime::<FixedOffset>::from),
        ..Options::default()
    }
}
