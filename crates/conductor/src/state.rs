//! Where a workflow execution stands: records that can be stored one by one, and the counts that keep a step cheap.
//!
//! Contexts, lists of contexts, routes, arrivals and sequence entries are only ever appended (an entry's own fields
//! change), so that what a step changes is a few records however long the workflow runs.

mod errors;
mod items;
mod journal;
mod lent;
mod progress;
mod records;
mod staging;
mod stored;

use std::collections::BTreeMap;
use std::sync::Arc;

use pyvalue::{Dict, Value};

use crate::context::Contexts;
use crate::graph::Joins;
use crate::{ListId, ListNode, Status};

pub use items::Items;
pub use journal::Changes;
pub(crate) use progress::Progress;
pub use records::{
    Arrival, ArrivalId, Entry, ErrorEntry, ErrorId, NotTransition, RetryState, Route, Staged,
    StagedId, TaskKey, TransitionId,
};
pub(crate) use staging::Staging;
pub use stored::{Record, RecordKey, RestoreError, WorkflowRecord};

use errors::Errors;
use journal::{Journal, Lengths, Undo};

/// The state of a workflow execution. Changed by [`crate::Conductor`] only.
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) status: Status,
    /// What the workflow yields, once rendered.
    pub(crate) output: Option<Dict>,
    errors: Errors,
    pub(crate) contexts: Contexts,
    /// Shared with expressions while they are evaluated.
    pub(crate) progress: Arc<Progress>,
    pub(crate) staging: Staging,
    /// What the operation under way has changed so far.
    journal: Journal,
}

impl State {
    /// That of a workflow with these joins, before anything has happened.
    pub(crate) fn new(joins: Arc<Joins>) -> Self {
        Self {
            progress: Arc::new(Progress::new(joins)),
            ..Self::default()
        }
    }

    /// The workflow's status.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status
    }

    /// What went wrong so far, in order.
    #[must_use]
    pub fn errors(&self) -> impl ExactSizeIterator<Item = &ErrorEntry> {
        self.errors.iter().map(|(_, error)| error)
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

    /// The latest run of a task: an index into the sequence.
    #[must_use]
    pub fn latest(&self, task: &TaskKey) -> Option<usize> {
        self.progress.latest_index(task)
    }

    /// The entries that led to a task, by the transitions that did (named after the tasks they come from).
    #[must_use]
    pub fn previous(&self, last: Option<ArrivalId>) -> BTreeMap<TransitionId, usize> {
        self.progress.previous(last)
    }

    /// How many routes there are; the first is empty.
    #[must_use]
    pub fn route_count(&self) -> usize {
        self.progress.routes().len()
    }

    /// The transitions that a route is made of, named after the tasks they come from.
    #[must_use]
    pub fn route(&self, route: usize) -> Vec<TransitionId> {
        self.progress.steps(route)
    }

    /// Contexts, each as it was made: the first is what the workflow started with.
    #[must_use]
    pub fn contexts(&self) -> &[Dict] {
        &self.contexts.values
    }

    /// Tasks that are to run, wait for a join, or have items under way.
    pub fn staged(&self) -> impl Iterator<Item = (StagedId, &Staged)> {
        self.staging.iter()
    }

    /// The items of a task with items, while it runs and after it ended badly.
    #[must_use]
    pub fn items(&self, task: &TaskKey) -> Option<&Items> {
        self.staging.items(self.staging.find(task)?)
    }

    /// The list that the items of a task were made of, while it is under way and was not stored in between.
    #[must_use]
    pub fn item_values(&self, task: &TaskKey) -> Option<&Value> {
        self.staging.values(self.staging.find(task)?)
    }

    /// What a run of a task saw, merged.
    pub fn context_of(&mut self, entry: usize) -> Option<Dict> {
        let contexts = self.sequence().get(entry)?.contexts;
        Some(self.contexts.merged(contexts).context)
    }

    /// Whether something is under way or may be offered: while nothing is, no report will come.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.progress.any(Status::is_active) || self.staging.has_ready()
    }
}

/// Checks.
impl State {
    /// The counts that are kept beside the records, written out: those of a state that was restored are counted anew.
    /// For tests.
    #[doc(hidden)]
    #[must_use]
    pub fn tallies(&self) -> String {
        format!(
            "{:?}; {:?}",
            self.progress.tallies(),
            self.staging.tallies()
        )
    }
}

/// Changes, each noted in the journal.
impl State {
    /// The runs, to be changed. They are not copied, as no expression is under way.
    fn progress_mut(&mut self) -> &mut Progress {
        Arc::make_mut(&mut self.progress)
    }

    fn note_workflow(&mut self) {
        self.journal
            .note(Undo::Workflow(self.status, self.output.clone()));
    }

    /// Sets the workflow's status.
    pub(crate) fn set_status(&mut self, status: Status) {
        if status != self.status {
            self.note_workflow();
            self.status = status;
        }
    }

    /// Sets what the workflow yields.
    pub(crate) fn set_output(&mut self, output: Option<Dict>) {
        if output != self.output {
            self.note_workflow();
            self.output = output;
        }
    }

    /// Notes an error, unless the very same was noted before.
    pub(crate) fn add_error(&mut self, error: ErrorEntry) {
        if let Some(id) = self.errors.add(error) {
            self.journal.note(Undo::ErrorAdded(id));
        }
    }

    /// Forgets errors of a task.
    pub(crate) fn forget_errors(&mut self, task: &str) {
        let gone: Vec<ErrorId> = self
            .errors
            .iter()
            .filter(|(_, error)| error.task_id.as_deref() == Some(task))
            .map(|(id, _)| id)
            .collect();
        for id in gone {
            if let Some(error) = self.errors.remove(id) {
                self.journal.note(Undo::ErrorGone(id, error));
            }
        }
    }

    /// Appends a context.
    pub(crate) fn add_context(&mut self, values: Dict) -> usize {
        self.contexts.add_context(values)
    }

    /// Appends a list of contexts.
    pub(crate) fn add_list(&mut self, node: ListNode) -> ListId {
        self.contexts.add_list(node)
    }

    /// Appends a run of a task, which is its latest from now on.
    pub(crate) fn add_entry(&mut self, entry: Entry) -> usize {
        let task = entry.task.clone();
        let progress = self.progress_mut();
        let before = progress.add(entry);
        self.journal.note(Undo::Latest(task, before));
        self.sequence().len() - 1
    }

    /// Sets the status of a run.
    pub(crate) fn set_entry_status(&mut self, at: usize, status: Status) {
        if let Some(before) = self.progress_mut().set_status(at, status)
            && before != status
        {
            self.journal.note(Undo::EntryStatus(at, before));
        }
    }

    /// Sets whether a transition of a run was taken.
    pub(crate) fn set_next(&mut self, at: usize, transition: TransitionId, is_taken: bool) {
        let progress = self.progress_mut();
        let before = progress.set_next(at, transition.clone(), Some(is_taken));
        if before != Some(is_taken) {
            self.journal.note(Undo::EntryNext(at, transition, before));
        }
    }

    /// Sets whether the output is made of what a run saw.
    pub(crate) fn set_terminal(&mut self, at: usize, is_terminal: bool) {
        if let Some(before) = self.progress_mut().set_terminal(at, is_terminal)
            && before != is_terminal
        {
            self.journal.note(Undo::EntryTerminal(at, before));
        }
    }

    /// Sets which context a run made last.
    pub(crate) fn set_published(&mut self, at: usize, published: (TransitionId, usize)) {
        let before = self
            .progress_mut()
            .change(at, |entry| entry.published.replace(published));
        if let Some(before) = before {
            self.journal.note(Undo::EntryPublished(at, before));
        }
    }

    /// Sets how often a run was tried again.
    pub(crate) fn set_tally(&mut self, at: usize, tally: i64) {
        if let Some(before) = self.progress_mut().set_tally(at, tally) {
            self.journal.note(Undo::EntryTally(at, before));
        }
    }

    /// Appends a route.
    pub(crate) fn add_route(&mut self, route: Route) -> usize {
        self.progress_mut().add_route(route)
    }

    /// Appends an arrival.
    pub(crate) fn add_arrival(&mut self, arrival: Arrival) -> ArrivalId {
        self.progress_mut().add_arrival(arrival)
    }

    /// Stages a task.
    pub(crate) fn stage(&mut self, staged: Staged) -> StagedId {
        let id = self.staging.add(staged);
        self.journal.note(Undo::Staged(id, None));
        id
    }

    /// Takes a task out of staging, and its items with it.
    pub(crate) fn unstage(&mut self, id: StagedId) {
        if self.staging.items(id).is_some() {
            self.set_items(id, None);
        }
        if let Some(staged) = self.staging.remove(id) {
            self.journal.note(Undo::Staged(id, Some(staged)));
        }
    }

    /// Changes a staged task, but for its items.
    pub(crate) fn change_staged(&mut self, id: StagedId, change: impl FnOnce(&mut Staged)) {
        let Some(before) = self.staging.get(id).cloned() else {
            return;
        };
        self.staging.change(id, change);
        if self.staging.get(id) != Some(&before) {
            self.journal.note(Undo::Staged(id, Some(before)));
        }
    }

    /// Makes the items of a staged task known, or forgets them.
    pub(crate) fn set_items(&mut self, id: StagedId, items: Option<Items>) {
        let before = self.staging.items(id).is_some();
        if before || items.is_some() {
            let before = self.staging.set_items(id, items);
            self.journal.note(Undo::Items(id, before));
        }
    }

    /// Sets the status of an item; false where there is no such item.
    pub(crate) fn set_item(&mut self, id: StagedId, item: usize, status: Status) -> bool {
        let Some(before) = self.staging.set_item(id, item, status) else {
            return false;
        };
        if before != status {
            self.journal.note(Undo::Item(id, item, before));
        }
        true
    }

    fn lengths(&self) -> Lengths {
        Lengths {
            contexts: self.contexts.values.len(),
            lists: self.contexts.lists.len(),
            routes: self.progress.routes().len(),
            arrivals: self.progress.arrivals().len(),
            entries: self.sequence().len(),
        }
    }

    fn shorten(&mut self, to: Lengths) {
        self.contexts.truncate(to.contexts, to.lists);
        self.progress_mut().shorten(to.arrivals, to.routes);
    }

    /// Begins an operation.
    pub(crate) fn begin(&mut self) {
        self.journal = Journal::new(self.lengths());
    }

    /// Begins a state: all of it is new.
    pub(crate) fn begin_all(&mut self) {
        self.journal = Journal::default();
        self.note_workflow();
    }

    /// Ends an operation: what it changed.
    pub(crate) fn commit(&mut self) -> Changes {
        let journal = std::mem::take(&mut self.journal);
        journal.changes(self.lengths(), &self.staging)
    }

    /// Ends an operation as if it had never begun.
    pub(crate) fn roll_back(&mut self) {
        let journal = std::mem::take(&mut self.journal);
        journal.undo(self);
    }
}
