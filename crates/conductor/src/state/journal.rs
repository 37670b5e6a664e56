//! What an operation has changed: for the store, which writes only that, and to take it back where it is refused.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pyvalue::Dict;

use super::{Entry, ErrorEntry, Items, Staged, StagedId, State, TaskKey};
use crate::Status;

/// The records that an operation added or changed: read them from the state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The workflow's status or output.
    pub workflow: bool,
    /// Its errors.
    pub errors: bool,
    /// Contexts from this index on are new.
    pub contexts_from: usize,
    /// Lists of contexts from this index on are new.
    pub lists_from: usize,
    /// Routes from this index on are new.
    pub routes_from: usize,
    /// Entries of the sequence, new or changed.
    pub entries: BTreeSet<usize>,
    /// Staged tasks, new, changed or gone.
    pub staged: BTreeSet<StagedId>,
    /// Staged tasks whose items are all new, or gone.
    pub items: BTreeSet<StagedId>,
    /// Items whose status changed.
    pub item_statuses: BTreeSet<(StagedId, usize)>,
}

/// What was there before, each record as it first was.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    workflow: Option<(Status, Option<Dict>)>,
    errors: Option<Vec<ErrorEntry>>,
    contexts: usize,
    lists: usize,
    sequence: usize,
    routes: usize,
    latest: Vec<(TaskKey, Option<usize>)>,
    entries: BTreeMap<usize, Entry>,
    staged: BTreeMap<StagedId, Option<Staged>>,
    items: BTreeMap<StagedId, Option<Items>>,
    /// In the order of change.
    item_statuses: Vec<(StagedId, usize, Status)>,
}

impl Journal {
    pub(super) fn new(contexts: usize, lists: usize) -> Self {
        Self {
            contexts,
            lists,
            ..Self::default()
        }
    }

    pub(super) fn note_lengths(&mut self, sequence: usize, routes: usize) {
        self.sequence = sequence;
        self.routes = routes;
    }

    pub(super) fn note_workflow(&mut self, status: Status, output: Option<&Dict>) {
        self.workflow
            .get_or_insert_with(|| (status, output.cloned()));
    }

    pub(super) fn note_errors(&mut self, errors: &[ErrorEntry]) {
        self.errors.get_or_insert_with(|| errors.to_vec());
    }

    pub(super) fn note_latest(&mut self, task: TaskKey, before: Option<usize>) {
        self.latest.push((task, before));
    }

    pub(super) fn note_entry(&mut self, at: usize, entry: &Entry) {
        if at < self.sequence {
            self.entries.entry(at).or_insert_with(|| entry.clone());
        }
    }

    pub(super) fn note_staged(&mut self, id: StagedId, before: Option<Staged>) {
        self.staged.entry(id).or_insert(before);
    }

    pub(super) fn note_items(&mut self, id: StagedId, before: Option<Items>) {
        self.items.entry(id).or_insert(before);
    }

    pub(super) fn note_item(&mut self, id: StagedId, item: usize, before: Status) {
        self.item_statuses.push((id, item, before));
    }

    pub(super) fn changes(self, state: &State) -> Changes {
        Changes {
            workflow: self.workflow.is_some(),
            errors: self.errors.is_some(),
            contexts_from: self.contexts,
            lists_from: self.lists,
            routes_from: self.routes,
            entries: self
                .entries
                .into_keys()
                .chain(self.sequence..state.sequence().len())
                .collect(),
            staged: self.staged.into_keys().collect(),
            item_statuses: self
                .item_statuses
                .into_iter()
                .filter(|(id, _, _)| !self.items.contains_key(id))
                .map(|(id, item, _)| (id, item))
                .collect(),
            items: self.items.into_keys().collect(),
        }
    }

    pub(super) fn undo(self, state: &mut State) {
        if let Some((status, output)) = self.workflow {
            state.status = status;
            state.output = output;
        }
        if let Some(errors) = self.errors {
            state.errors = errors;
        }
        for (id, item, before) in self.item_statuses.into_iter().rev() {
            state.staging.set_item(id, item, before);
        }
        for (id, before) in self.items {
            state.staging.set_items(id, before);
        }
        for (id, before) in self.staged {
            state.staging.remove(id);
            if let Some(staged) = before {
                state.staging.insert(id, staged);
            }
        }
        state.contexts.truncate(self.contexts, self.lists);
        let progress = Arc::make_mut(&mut state.progress);
        for (at, entry) in self.entries {
            progress.put_back(at, entry);
        }
        progress.take_back(self.sequence, self.routes, self.latest);
    }
}
