//! Where a workflow execution stands: records that can be stored one by one, and the counts that keep a step cheap.
//!
//! Contexts, lists of contexts, routes and sequence entries are only ever appended (an entry's own fields change), so
//! what a step changes is a few records however long the workflow runs.

mod journal;
mod progress;
mod records;
mod staging;

use pyvalue::Dict;

use crate::Status;
use crate::context::Contexts;

pub use journal::Changes;
pub(crate) use progress::Progress;
pub use records::{Entry, ErrorEntry, Items, RetryState, Staged, StagedId, TaskKey, TransitionId};
pub(crate) use staging::Staging;

use journal::Journal;
use std::sync::Arc;

/// The state of a workflow execution. Changed by [`crate::Conductor`] only.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) status: Status,
    /// What the workflow yields, once rendered.
    pub(crate) output: Option<Dict>,
    /// What went wrong so far, in order.
    pub(crate) errors: Vec<ErrorEntry>,
    pub(crate) contexts: Contexts,
    /// Shared with expressions while they are evaluated.
    pub(crate) progress: Arc<Progress>,
    pub(crate) staging: Staging,
    /// What the operation under way has changed so far.
    journal: Journal,
}

impl State {
    /// The workflow's status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// What went wrong so far, in order.
    #[must_use]
    pub fn errors(&self) -> &[ErrorEntry] {
        &self.errors
    }

    /// What the workflow yields; none before it has ended, or where nothing could be rendered.
    #[must_use]
    pub fn output(&self) -> Option<&Dict> {
        self.output.as_ref()
    }

    /// Every run of a task, in the order of their starts.
    #[must_use]
    pub fn sequence(&self) -> &[Entry] {
        self.progress.sequence()
    }

    /// Routes; the first is empty.
    #[must_use]
    pub fn routes(&self) -> &[Vec<TransitionId>] {
        self.progress.routes()
    }

    /// Contexts, each as it was made: the first is what the workflow started with.
    #[must_use]
    pub fn contexts(&self) -> &[Dict] {
        &self.contexts.values
    }

    /// What a run of a task saw, merged.
    pub fn context_of(&mut self, entry: usize) -> Option<Dict> {
        let contexts = self.sequence().get(entry)?.contexts;
        Some(self.contexts.merged(contexts))
    }

    /// Sets the workflow's status.
    pub(crate) fn set_status(&mut self, status: Status) {
        self.journal
            .note_workflow(self.status, self.output.as_ref());
        self.status = status;
    }

    /// Sets what the workflow yields.
    pub(crate) fn set_output(&mut self, output: Option<Dict>) {
        self.journal
            .note_workflow(self.status, self.output.as_ref());
        self.output = output;
    }

    /// Notes an error, unless the very same was noted before.
    pub(crate) fn add_error(&mut self, error: ErrorEntry) {
        if !self.errors.contains(&error) {
            self.journal.note_errors(&self.errors);
            self.errors.push(error);
        }
    }

    /// Forgets errors of a task.
    pub(crate) fn forget_errors(&mut self, task: &str) {
        self.journal.note_errors(&self.errors);
        self.errors
            .retain(|error| error.task_id.as_deref() != Some(task));
    }

    /// Appends a context.
    pub(crate) fn add_context(&mut self, values: Dict) -> usize {
        self.contexts.add_context(values)
    }

    /// Appends a run of a task, which is its latest from now on.
    pub(crate) fn add_entry(&mut self, entry: Entry) -> usize {
        let progress = Arc::make_mut(&mut self.progress);
        let before = progress.latest_index(&entry.task);
        self.journal.note_latest(entry.task.clone(), before);
        progress.add(entry)
    }

    /// Changes a run of a task.
    pub(crate) fn change_entry<T>(
        &mut self,
        at: usize,
        change: impl FnOnce(&mut Entry) -> T,
    ) -> Option<T> {
        let progress = Arc::make_mut(&mut self.progress);
        self.journal.note_entry(at, progress.sequence().get(at)?);
        progress.change(at, change)
    }

    /// Appends a route.
    pub(crate) fn add_route(&mut self, route: Vec<TransitionId>) -> usize {
        Arc::make_mut(&mut self.progress).add_route(route)
    }

    /// Stages a task.
    pub(crate) fn stage(&mut self, staged: Staged) -> StagedId {
        let id = self.staging.add(staged);
        self.journal.note_staged(id, None);
        id
    }

    /// Takes a task out of staging.
    pub(crate) fn unstage(&mut self, id: StagedId) {
        if let Some(staged) = self.staging.remove(id) {
            self.journal.note_staged(id, Some(staged));
        }
    }

    /// Changes a staged task, but for its items.
    pub(crate) fn change_staged(&mut self, id: StagedId, change: impl FnOnce(&mut Staged)) {
        if let Some(before) = self.staging.get(id).cloned() {
            self.journal.note_staged(id, Some(before));
            self.staging.change(id, change);
        }
    }

    /// Makes the items of a staged task known, or forgets them.
    pub(crate) fn set_items(&mut self, id: StagedId, items: Option<Items>) {
        let before = self.staging.set_items(id, items);
        self.journal.note_items(id, before);
    }

    /// Sets the status of an item; false where there is no such item.
    pub(crate) fn set_item(&mut self, id: StagedId, item: usize, status: Status) -> bool {
        match self.staging.set_item(id, item, status) {
            Some(before) => {
                self.journal.note_item(id, item, before);
                true
            }
            None => false,
        }
    }

    /// Begins an operation.
    pub(crate) fn begin(&mut self) {
        self.journal = Journal::new(self.contexts.values.len(), self.contexts.lists.len());
        self.journal
            .note_lengths(self.sequence().len(), self.routes().len());
    }

    /// Ends an operation: what it changed.
    pub(crate) fn commit(&mut self) -> Changes {
        let journal = std::mem::take(&mut self.journal);
        journal.changes(self)
    }

    /// Ends an operation as if it had never begun.
    pub(crate) fn roll_back(&mut self) {
        let journal = std::mem::take(&mut self.journal);
        journal.undo(self);
    }
}
