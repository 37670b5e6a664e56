//! Runs of tasks and routes: what expressions may ask for while they are evaluated.

use std::collections::HashMap;

use expr::orquesta;
use pyvalue::{Class, Dict, Error, Value};

use super::{Entry, TaskKey, TransitionId};
use crate::Status;

/// Every run of a task, the latest of each task, and the routes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    sequence: Vec<Entry>,
    latest: HashMap<TaskKey, usize>,
    routes: Vec<Vec<TransitionId>>,
    /// Latest entries by status.
    counts: [usize; Status::ALL.len()],
}

impl Progress {
    pub(crate) fn sequence(&self) -> &[Entry] {
        &self.sequence
    }

    pub(crate) fn routes(&self) -> &[Vec<TransitionId>] {
        &self.routes
    }

    pub(crate) fn latest_index(&self, task: &TaskKey) -> Option<usize> {
        self.latest.get(task).copied()
    }

    pub(crate) fn latest(&self, task: &TaskKey) -> Option<&Entry> {
        self.sequence.get(self.latest_index(task)?)
    }

    /// Whether the latest run of some task is in a status of a group.
    pub(crate) fn any(&self, group: impl Fn(Status) -> bool) -> bool {
        Status::ALL
            .into_iter()
            .any(|status| group(status) && self.counts[status.index()] > 0)
    }

    /// Latest runs that are in a status of a group, in the order of their starts.
    pub(crate) fn latest_in(&self, group: impl Fn(Status) -> bool) -> Vec<usize> {
        if !self.any(&group) {
            return Vec::new();
        }
        let mut found: Vec<usize> = self
            .latest
            .values()
            .copied()
            .filter(|at| group(self.sequence[*at].status))
            .collect();
        found.sort_unstable();
        found
    }

    pub(super) fn add(&mut self, entry: Entry) -> usize {
        let at = self.sequence.len();
        self.counts[entry.status.index()] += 1;
        if let Some(before) = self.latest.insert(entry.task.clone(), at) {
            self.counts[self.sequence[before].status.index()] -= 1;
        }
        self.sequence.push(entry);
        at
    }

    pub(super) fn change<T>(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        let entry = self.sequence.get_mut(at)?;
        let before = entry.status;
        let outcome = change(entry);
        let after = entry.status;
        if self.latest.get(&self.sequence[at].task) == Some(&at) {
            self.counts[before.index()] -= 1;
            self.counts[after.index()] += 1;
        }
        Some(outcome)
    }

    pub(super) fn add_route(&mut self, route: Vec<TransitionId>) -> usize {
        self.routes.push(route);
        self.routes.len() - 1
    }

    /// Takes back entries and routes that were added, and says which entry was the latest before.
    pub(super) fn take_back(
        &mut self,
        entries: usize,
        routes: usize,
        latest: Vec<(TaskKey, Option<usize>)>,
    ) {
        self.sequence.truncate(entries);
        self.routes.truncate(routes);
        // The oldest note of a task stands first and is put back last.
        for (task, before) in latest.into_iter().rev() {
            match before {
                Some(at) => self.latest.insert(task, at),
                None => self.latest.remove(&task),
            };
        }
        self.counts = [0; Status::ALL.len()];
        for at in self.latest.values() {
            self.counts[self.sequence[*at].status.index()] += 1;
        }
    }

    pub(super) fn put_back(&mut self, at: usize, entry: Entry) {
        if let Some(place) = self.sequence.get_mut(at) {
            *place = entry;
        }
    }
}

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
        let beyond = || Error::new(Class::Index, format!("there is no route {route}"));
        let at = usize::try_from(route).map_err(|_| beyond())?;
        let current = self.routes.get(at).ok_or_else(beyond)?;
        let earlier = self.routes[..at]
            .iter()
            .rposition(|earlier| earlier.iter().all(|step| current.contains(step)));
        Ok(earlier.and_then(|at| i64::try_from(at).ok()))
    }

    fn value(&self) -> Value {
        let routes = self
            .routes
            .iter()
            .map(|route| {
                route
                    .iter()
                    .map(|step| Value::from(step.to_string()))
                    .collect()
            })
            .collect();
        let tasks: Dict = self
            .latest
            .iter()
            .map(|(task, at)| (format!("{}__r{}", task.id, task.route), index(*at)))
            .collect();
        let sequence = self.sequence.iter().map(entry_value).collect();
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

fn shown(status: Status) -> Value {
    match status {
        Status::Unset => Value::None,
        status => Value::from(status.as_str()),
    }
}

fn entry_value(entry: &Entry) -> Value {
    let next: Dict = entry
        .next
        .iter()
        .map(|(transition, taken)| (transition.to_string(), *taken))
        .collect();
    let previous: Dict = entry
        .previous
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

fn index(at: usize) -> Value {
    Value::Int(i64::try_from(at).unwrap_or(i64::MAX))
}
