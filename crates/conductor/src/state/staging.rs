//! Tasks that are to run, wait for a join, or have items under way.

use std::collections::{BTreeMap, HashMap};

use super::{Items, Staged, StagedId, TaskKey};
use crate::Status;

/// Staged tasks in the order of staging.
#[derive(Debug, Clone, Default)]
pub(crate) struct Staging {
    by_id: BTreeMap<StagedId, Staged>,
    by_task: HashMap<TaskKey, Vec<StagedId>>,
    items: HashMap<StagedId, Items>,
    next: u64,
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

    pub(super) fn add(&mut self, staged: Staged) -> StagedId {
        let id = StagedId(self.next);
        self.insert(id, staged);
        id
    }

    /// Puts one at its place, which it may have had before.
    pub(super) fn insert(&mut self, id: StagedId, staged: Staged) {
        self.next = self.next.max(id.0 + 1);
        self.ready += usize::from(staged.is_offered());
        let of_task = self.by_task.entry(staged.task.clone()).or_default();
        of_task.push(id);
        of_task.sort_unstable();
        self.by_id.insert(id, staged);
    }

    /// Takes one out; its items go with it.
    pub(super) fn remove(&mut self, id: StagedId) -> Option<Staged> {
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
        match items {
            Some(items) => self.items.insert(id, items),
            None => self.items.remove(&id),
        }
    }

    pub(super) fn set_item(&mut self, id: StagedId, item: usize, status: Status) -> Option<Status> {
        self.items.get_mut(&id)?.set(item, status)
    }
}
