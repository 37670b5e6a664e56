//! Tasks that are to run, wait for a join, or have items under way.

use std::collections::{BTreeMap, HashMap};

use pyvalue::Value;

use super::{Items, Staged, StagedId, TaskKey};
use crate::Status;

/// Staged tasks in the order of staging.
#[derive(Debug, Clone, Default)]
pub(crate) struct Staging {
    by_id: BTreeMap<StagedId, Staged>,
    by_task: HashMap<TaskKey, Vec<StagedId>>,
    items: HashMap<StagedId, Items>,
    /// What items were made of, while it is at hand.
    values: HashMap<StagedId, Value>,
    /// How many may be offered.
    ready: usize,
}

impl Staged {
    /// Whether it may be offered.
    pub(crate) fn is_offered(&self) -> bool {
        self.is_ready && !self.is_completed
    }
}

impl Staging {
    /// Whether something may be offered.
    pub(crate) fn has_ready(&self) -> bool {
        self.ready > 0
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (StagedId, &Staged)> {
        self.by_id.iter().map(|(id, staged)| (*id, staged))
    }

    pub(crate) fn get(&self, id: StagedId) -> Option<&Staged> {
        self.by_id.get(&id)
    }

    /// The first of a task on a route.
    pub(crate) fn find(&self, task: &TaskKey) -> Option<StagedId> {
        self.by_task.get(task)?.first().copied()
    }

    pub(crate) fn items(&self, id: StagedId) -> Option<&Items> {
        self.items.get(&id)
    }

    /// What the items of a staged task were made of, if that is at hand.
    pub(crate) fn values(&self, id: StagedId) -> Option<&Value> {
        self.values.get(&id)
    }

    /// Keeps what the items of a staged task are made of at hand.
    pub(crate) fn keep_values(&mut self, id: StagedId, values: Value) {
        self.values.insert(id, values);
    }

    /// All that is counted, for comparison.
    pub(super) fn tallies(&self) -> impl std::fmt::Debug + '_ {
        (
            self.by_task.iter().collect::<BTreeMap<_, _>>(),
            self.items.iter().collect::<BTreeMap<_, _>>(),
            self.ready,
        )
    }

    pub(super) fn add(&mut self, staged: Staged) -> StagedId {
        let last = self.by_id.last_key_value();
        let id = StagedId(last.map_or(0, |(last, _)| last.0.saturating_add(1)));
        self.insert(id, staged);
        id
    }

    /// Puts one at its place, which it may have had before.
    pub(super) fn insert(&mut self, id: StagedId, staged: Staged) {
        self.ready += usize::from(staged.is_offered());
        let of_task = self.by_task.entry(staged.task.clone()).or_default();
        of_task.push(id);
        of_task.sort_unstable();
        self.by_id.insert(id, staged);
    }

    pub(super) fn remove(&mut self, id: StagedId) -> Option<Staged> {
        self.values.remove(&id);
        let staged = self.by_id.remove(&id)?;
        self.ready -= usize::from(staged.is_offered());
        if let Some(of_task) = self.by_task.get_mut(&staged.task) {
            of_task.retain(|known| *known != id);
            if of_task.is_empty() {
                self.by_task.remove(&staged.task);
            }
        }
        Some(staged)
    }

    pub(super) fn change(&mut self, id: StagedId, change: impl FnOnce(&mut Staged)) {
        if let Some(staged) = self.by_id.get_mut(&id) {
            let before = usize::from(staged.is_offered());
            change(staged);
            self.ready = self.ready - before + usize::from(staged.is_offered());
        }
    }

    pub(super) fn set_items(&mut self, id: StagedId, items: Option<Items>) -> Option<Items> {
        self.values.remove(&id);
        match items {
            Some(items) => self.items.insert(id, items),
            None => self.items.remove(&id),
        }
    }

    pub(super) fn set_item(&mut self, id: StagedId, item: usize, status: Status) -> Option<Status> {
        self.items.get_mut(&id)?.set(item, status)
    }
}
