//! What expressions of a workflow see beside themselves.

use std::fmt;
use std::sync::Arc;

use pyvalue::{Class, Dict, Error, Value};

use crate::Datastore;
use crate::frozen::Data;

/// Names that begin with this are Orquesta's own: `ctx()` does not show them.
const INTERNAL: &str = "__";

/// The context of an evaluation. Cheap to clone: everything in it is shared.
#[derive(Clone, Default)]
pub struct State {
    context: Dict,
    /// The context without Orquesta's own entries.
    visible: Data,
    current_task: Data,
    current_item: Data,
    workflow: Option<Arc<dyn Workflow>>,
    tasks: Option<Arc<dyn Tasks>>,
    datastore: Option<Arc<dyn Datastore>>,
}

/// What is known of the tasks of a workflow: `task_status`, `succeeded`, `failed`, `completed`, `task`.
pub trait Workflow: fmt::Debug + Send + Sync {
    /// The last state of a task on exactly this route.
    fn entry(&self, task: &str, route: i64) -> Result<Option<Entry>, Error>;

    /// The nearest earlier route that this one grew out of; none for route 0.
    fn earlier_route(&self, route: i64) -> Result<Option<i64>, Error>;

    /// All of it, as the variable `__state` of Jinja shows it.
    fn value(&self) -> Value;
}

/// The state of a task on a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The route.
    pub route: i64,
    /// The status, a text; null where there is none yet.
    pub status: Value,
}

/// Executions of tasks, for `task()`.
pub trait Tasks: fmt::Debug + Send + Sync {
    /// The last execution of a task on a route, as `task()` shows it (`task_execution_id`, `result`, ...).
    fn execution(&self, workflow_execution: &str, task: &str, route: i64) -> Option<Value>;
}

impl State {
    /// One with these variables, and nothing else.
    #[must_use]
    pub fn new(context: Dict) -> Self {
        let is_internal = |key: &Value| key.as_str().is_some_and(|key| key.starts_with(INTERNAL));
        let visible = if context.keys().any(is_internal) {
            context
                .iter()
                .filter(|(key, _)| !is_internal(key))
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        } else {
            context.clone()
        };
        Self {
            context,
            visible: Value::Dict(visible).into(),
            ..Self::default()
        }
    }

    /// One with a context as Orquesta passes it around: `__state`, `__current_task` and `__current_item` among the
    /// variables.
    #[must_use]
    pub fn from_context(context: Dict) -> Self {
        let entry = |name: &str| context.get(name).cloned().unwrap_or_default();
        let (task, item, state) = (
            entry("__current_task"),
            entry("__current_item"),
            entry("__state"),
        );
        let base = Self::new(context).with_task(task).with_item(item);
        match state {
            Value::None => base,
            state => base.with_workflow(Arc::new(Recorded(state))),
        }
    }

    /// The same, in a task: a dictionary with `id`, `route` and, once there is one, `result`.
    #[must_use]
    pub fn with_task(mut self, task: Value) -> Self {
        self.current_task = task.into();
        self
    }

    /// The same, for an item of a task with items.
    #[must_use]
    pub fn with_item(mut self, item: Value) -> Self {
        self.current_item = item.into();
        self
    }

    /// The same, with the states of tasks.
    #[must_use]
    pub fn with_workflow(mut self, workflow: Arc<dyn Workflow>) -> Self {
        self.workflow = Some(workflow);
        self
    }

    /// The same, with executions of tasks.
    #[must_use]
    pub fn with_tasks(mut self, tasks: Arc<dyn Tasks>) -> Self {
        self.tasks = Some(tasks);
        self
    }

    /// The same, with a datastore, whose user scope is that of the workflow's user.
    #[must_use]
    pub fn with_datastore(mut self, datastore: Arc<dyn Datastore>) -> Self {
        self.datastore = Some(datastore);
        self
    }

    /// The variables that `ctx()` shows: a dictionary.
    pub(crate) fn variables(&self) -> &Data {
        &self.visible
    }

    /// All variables, Orquesta's own among them where they came so.
    pub(crate) fn context(&self) -> &Dict {
        &self.context
    }

    pub(crate) fn current_task(&self) -> &Data {
        &self.current_task
    }

    pub(crate) fn current_item(&self) -> &Data {
        &self.current_item
    }

    pub(crate) fn workflow(&self) -> Option<&dyn Workflow> {
        self.workflow.as_deref()
    }

    pub(crate) fn tasks(&self) -> Option<&dyn Tasks> {
        self.tasks.as_deref()
    }

    pub(crate) fn datastore(&self) -> Option<&dyn Datastore> {
        self.datastore.as_deref()
    }

    /// Orquesta's own variables, which Jinja sees by name.
    pub(crate) fn internal(&self, name: &str) -> Option<Value> {
        match name {
            "__vars" => Some(Value::Dict(self.context.clone())),
            "__state" => Some(
                self.workflow
                    .as_ref()
                    .map_or(Value::None, |workflow| workflow.value()),
            ),
            "__current_task" => Some(self.current_task.plain().clone()),
            "__current_item" => Some(self.current_item.plain().clone()),
            _ => None,
        }
    }
}

/// The names of the variables only: their values may be large, and secret.
impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.context.keys().filter_map(Value::as_str).collect();
        f.debug_struct("State")
            .field("variables", &names)
            .finish_non_exhaustive()
    }
}

/// The state of a workflow as Orquesta writes it down: `tasks` (places in `sequence` by `<task>__r<route>`), `routes`
/// and `sequence`.
#[derive(Debug)]
struct Recorded(Value);

impl Recorded {
    fn member(&self, name: &str) -> Option<&Value> {
        self.0.as_dict()?.get(name)
    }
}

impl Workflow for Recorded {
    fn entry(&self, task: &str, route: i64) -> Result<Option<Entry>, Error> {
        let Some(at) = self
            .member("tasks")
            .and_then(Value::as_dict)
            .and_then(|tasks| tasks.get(&format!("{task}__r{route}")))
        else {
            return Ok(None);
        };
        let sequence = self.member("sequence").and_then(Value::as_items);
        let entry = at
            .as_int()
            .and_then(|at| usize::try_from(at).ok())
            .and_then(|at| sequence?.get(at))
            .ok_or_else(|| Error::new(Class::Index, "list index out of range"))?;
        let Some(entry) = entry.as_dict() else {
            return Ok(Some(Entry {
                route,
                status: Value::None,
            }));
        };
        Ok(Some(Entry {
            route: entry.get("route").and_then(Value::as_int).unwrap_or(route),
            status: entry.get("status").cloned().unwrap_or_default(),
        }))
    }

    fn earlier_route(&self, route: i64) -> Result<Option<i64>, Error> {
        let routes = self
            .member("routes")
            .and_then(Value::as_items)
            .ok_or_else(|| {
                Error::new(
                    Class::Undefined,
                    "the state of the workflow has no `routes`",
                )
            })?;
        let beyond = || Error::new(Class::Index, format!("there is no route {route}"));
        let at = usize::try_from(route).map_err(|_| beyond())?;
        let current = routes
            .get(at)
            .and_then(Value::as_items)
            .ok_or_else(beyond)?;
        let earlier = routes[..at].iter().rposition(|earlier| {
            earlier
                .as_items()
                .unwrap_or_default()
                .iter()
                .all(|step| current.contains(step))
        });
        Ok(earlier.and_then(|at| i64::try_from(at).ok()))
    }

    fn value(&self) -> Value {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dict(text: &str) -> Dict {
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        Value::from_json(&json).as_dict().unwrap().clone()
    }

    #[test]
    fn what_orquesta_keeps_for_itself_is_hidden() {
        let context = dict(r#"{"a": 1, "__state": {}, "__current_item": 2}"#);

        let state = State::from_context(context);

        assert_eq!(state.variables().plain().repr(), "{'a': 1}");
        assert_eq!(state.current_item().plain(), &Value::Int(2));
    }

    #[test]
    fn a_context_with_nothing_to_hide_is_shared() {
        let context = dict(r#"{"a": 1}"#);

        let state = State::new(context.clone());
        let seen = state.variables().plain().as_dict();
        assert!(seen.is_some_and(|seen| seen.is_same(&context)));
    }

    #[test]
    fn a_task_is_looked_for_on_the_routes_that_led_here() {
        let state = Recorded(Value::Dict(dict(
            r#"{"tasks": {"t1__r0": 0}, "routes": [[], ["t1__t0"], ["t9__t0"]],
                "sequence": [{"id": "t1", "route": 0, "status": "failed"}]}"#,
        )));

        assert_eq!(state.earlier_route(1), Ok(Some(0)));
        assert_eq!(state.earlier_route(2), Ok(Some(0)));
        assert_eq!(state.entry("t1", 1), Ok(None));
        assert_eq!(
            state.entry("t1", 0),
            Ok(Some(Entry {
                route: 0,
                status: "failed".into()
            }))
        );
        assert!(state.earlier_route(3).is_err());
    }
}
