//! What expressions see beside the workflow: the time, the datastore, executions of tasks, who started it.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, FixedOffset, TimeDelta};
use conductor::{Conductor, Definition, Status};
use expr::orquesta::{Options, Tasks};
use expr::{Datastore, Scope};
use pyvalue::{Dict, Value};
use serde_json::{Map, Value as Json, json};

use super::{members, to_json};
use crate::Case;

/// Ids of a case's workflow.
pub(super) const EXECUTION: &str = "000000000000000000000001";
const WORKFLOW_EXECUTION: &str = "000000000000000000000002";

/// What surrounds a case.
pub(super) struct Surroundings {
    start: DateTime<FixedOffset>,
    datastore: Arc<dyn Datastore>,
    tasks: Arc<dyn Tasks>,
}

impl Surroundings {
    pub(super) fn new(case: &Case, executions: &Arc<Executions>) -> Self {
        Self {
            start: case.now,
            datastore: datastore(case),
            tasks: Arc::clone(executions) as Arc<dyn Tasks>,
        }
    }

    /// A conductor for this second.
    pub(super) fn conductor(&self, definition: &Arc<Definition>, second: u64) -> Conductor {
        Conductor::new(
            Arc::clone(definition),
            conductor::Surroundings {
                options: Options {
                    now: Some(after(self.start, second)),
                    ..Options::default()
                },
                datastore: Some(Arc::clone(&self.datastore)),
                tasks: Some(Arc::clone(&self.tasks)),
            },
        )
    }
}

/// So many seconds later.
pub(super) fn after(start: DateTime<FixedOffset>, seconds: u64) -> DateTime<FixedOffset> {
    let later = i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds);
    let then = later.and_then(|later| start.checked_add_signed(later));
    then.unwrap_or(start)
}

/// The datastore of a case.
pub(super) fn datastore(case: &Case) -> Arc<dyn Datastore> {
    let items = case.datastore.iter();
    let items = items.map(|(name, value)| (name.clone(), value.clone()));
    Arc::new(Items(items.collect()))
}

/// What is known of the execution of a case, as `ctx().st2` shows it.
pub(super) fn st2(case: &Case) -> Map<String, Json> {
    let mut st2 = Map::new();
    for (name, value) in [
        ("user", "stanley"),
        ("action_execution_id", EXECUTION),
        ("workflow_execution_id", WORKFLOW_EXECUTION),
        ("api_url", "http://127.0.0.1:9101/v1"),
    ] {
        st2.insert(name.to_owned(), json!(value));
    }
    st2.extend(case.context.clone());
    st2
}

/// The context that a workflow starts with.
pub(super) fn context(case: &Case) -> Dict {
    let mut context = Dict::default();
    context.insert("st2", members(&st2(case)));
    if let Some(parent) = &case.parent {
        context.insert("parent", members(parent));
    }
    context
}

/// The datastore of a case: names as `st2kv` takes them.
struct Items(HashMap<String, String>);

/// Names only, as of any datastore.
impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Datastore for Items {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        match scope {
            Scope::System => self.0.get(&format!("system.{name}")).cloned(),
            Scope::User => self.0.get(name).cloned(),
        }
    }

    /// Values are given as they are once opened.
    fn decrypt(&self, sealed: &str) -> Result<String, String> {
        Ok(sealed.to_owned())
    }
}

/// The last execution of each task, by name and route.
#[derive(Debug, Default)]
pub(super) struct Executions(Mutex<BTreeMap<(String, usize), (Status, Value)>>);

impl Executions {
    pub(super) fn note(&self, task: (String, usize), status: Status, result: Value) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(task, (status, result));
    }
}

impl Tasks for Executions {
    fn execution(&self, workflow: &str, task: &str, route: i64) -> Option<Value> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (status, result) = known.get(&(task.to_owned(), usize::try_from(route).ok()?))?;
        Some(Value::from_json(&json!({
            "task_execution_id": format!("{task}-{route}"),
            "workflow_execution_id": workflow,
            "task_name": task,
            "task_id": task,
            "task_route": route,
            "result": to_json(result),
            "status": status.as_str(),
        })))
    }
}
