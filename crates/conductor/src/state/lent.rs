//! What expressions may ask of the runs of tasks while they are evaluated: lent to them, not copied.

use expr::orquesta;
use pyvalue::{Class, Dict, Error, Value};

use super::{Entry, Progress, TaskKey};
use crate::Status;

impl orquesta::Workflow for Progress {
    fn entry(&self, task: &str, route: i64) -> Result<Option<orquesta::Entry>, Error> {
        let Ok(on) = usize::try_from(route) else {
            return Ok(None);
        };
        let key = TaskKey {
            id: task.into(),
            route: on,
        };
        Ok(self.latest(&key).map(|entry| orquesta::Entry {
            route,
            status: shown(entry.status),
        }))
    }

    fn earlier_route(&self, route: i64) -> Result<Option<i64>, Error> {
        let at = usize::try_from(route)
            .ok()
            .filter(|at| *at < self.routes().len())
            .ok_or_else(|| Error::new(Class::Index, format!("there is no route {route}")))?;
        let earlier = Self::earlier_route(self, at);
        Ok(earlier.and_then(|at| i64::try_from(at).ok()))
    }

    fn value(&self) -> Value {
        let routes = (0..self.routes().len())
            .map(|route| {
                let steps = self.steps(route).into_iter();
                steps.map(|step| Value::from(step.to_string())).collect()
            })
            .collect();
        let mut latest: Vec<_> = self.tasks().collect();
        latest.sort_by_key(|(_, at)| *at);
        let tasks: Dict = latest
            .into_iter()
            .map(|(task, at)| (format!("{}__r{}", task.id, task.route), index(at)))
            .collect();
        let entries = self.sequence().iter();
        let sequence = entries.map(|entry| self.entry_value(entry)).collect();
        Value::Dict(
            [
                ("tasks", Value::Dict(tasks)),
                ("routes", Value::list(routes)),
                ("sequence", sequence),
            ]
            .into_iter()
            .collect(),
        )
    }
}

impl Progress {
    fn entry_value(&self, entry: &Entry) -> Value {
        let next: Dict = entry
            .next
            .iter()
            .map(|(transition, taken)| (transition.to_string(), *taken))
            .collect();
        let previous: Dict = self
            .previous(entry.previous)
            .iter()
            .map(|(transition, at)| (transition.to_string(), index(*at)))
            .collect();
        Value::Dict(
            [
                ("id", Value::from(&*entry.task.id)),
                ("route", index(entry.task.route)),
                ("status", shown(entry.status)),
                ("prev", Value::Dict(previous)),
                ("next", Value::Dict(next)),
            ]
            .into_iter()
            .collect(),
        )
    }
}

fn shown(status: Status) -> Value {
    match status {
        Status::Unset => Value::None,
        status => Value::from(status.as_str()),
    }
}

fn index(at: usize) -> Value {
    Value::Int(i64::try_from(at).unwrap_or(i64::MAX))
}
