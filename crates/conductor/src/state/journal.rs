//! What an operation has changed: for the store, which writes only that, and to take it back where it is refused.

use std::collections::BTreeSet;

use pyvalue::Dict;

use super::{Entry, ErrorEntry, ErrorId, Items, RecordKey, Staged, StagedId, State, TaskKey};
use crate::{Status, TransitionId};

/// The records that an operation added, changed or removed: [`State::record`] gives each as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    keys: BTreeSet<RecordKey>,
}

impl Changes {
    /// The records, in the order of their keys.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = RecordKey> {
        self.keys.iter().copied()
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether the workflow's status or output changed.
    #[must_use]
    pub fn workflow(&self) -> bool {
        self.keys.contains(&RecordKey::Workflow)
    }

    /// Adds what a later operation changed: both may be stored together.
    pub fn extend(&mut self, later: Self) {
        self.keys.extend(later.keys);
    }
}

/// How long the append-only parts of a state are.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lengths {
    pub(super) contexts: usize,
    pub(super) lists: usize,
    pub(super) routes: usize,
    pub(super) arrivals: usize,
    pub(super) entries: usize,
}

/// A change, as what was there before.
#[derive(Debug, Clone)]
pub(super) enum Undo {
    Workflow(Status, Option<Dict>),
    ErrorAdded(ErrorId),
    ErrorGone(ErrorId, ErrorEntry),
    /// An entry was appended: what was the latest of its task.
    Latest(TaskKey, Option<usize>),
    EntryStatus(usize, Status),
    EntryNext(usize, TransitionId, Option<bool>),
    EntryTerminal(usize, bool),
    EntryPublished(usize, Option<(TransitionId, usize)>),
    EntryTally(usize, i64),
    Staged(StagedId, Option<Staged>),
    Items(StagedId, Option<Items>),
    Item(StagedId, usize, Status),
}

/// The changes of an operation, in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Journal {
    before: Lengths,
    undos: Vec<Undo>,
}

impl Journal {
    pub(super) fn new(before: Lengths) -> Self {
        Self {
            before,
            undos: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, undo: Undo) {
        self.undos.push(undo);
    }

    /// What changed up to `now`.
    pub(super) fn changes(self, now: Lengths, staging: &super::Staging) -> Changes {
        let before = self.before;
        let mut keys: BTreeSet<RecordKey> = BTreeSet::new();
        keys.extend((before.contexts..now.contexts).map(RecordKey::Context));
        keys.extend((before.lists..now.lists).map(RecordKey::List));
        keys.extend((before.routes..now.routes).map(RecordKey::Route));
        keys.extend((before.arrivals..now.arrivals).map(RecordKey::Arrival));
        keys.extend((before.entries..now.entries).map(RecordKey::Entry));
        let mut items_gone = BTreeSet::new();
        for undo in self.undos {
            let key = match undo {
                Undo::Workflow(..) => RecordKey::Workflow,
                Undo::ErrorAdded(id) | Undo::ErrorGone(id, _) => RecordKey::Error(id),
                Undo::Latest(..) => continue,
                Undo::EntryStatus(at, _)
                | Undo::EntryNext(at, ..)
                | Undo::EntryTerminal(at, _)
                | Undo::EntryPublished(at, _)
                | Undo::EntryTally(at, _) => RecordKey::Entry(at),
                Undo::Staged(id, _) => RecordKey::Staged(id),
                Undo::Items(id, _) => {
                    items_gone.insert(id);
                    RecordKey::Items(id)
                }
                Undo::Item(id, item, _) => RecordKey::Item(id, item),
            };
            keys.insert(key);
        }
        // Items that are gone take the records of each with them.
        keys.retain(|key| match key {
            RecordKey::Item(id, _) => staging.items(*id).is_some() || !items_gone.contains(id),
            _ => true,
        });
        Changes { keys }
    }

    pub(super) fn undo(self, state: &mut State) {
        for undo in self.undos.into_iter().rev() {
            state.take_back(undo);
        }
        state.shorten(self.before);
    }
}

impl State {
    fn take_back(&mut self, undo: Undo) {
        match undo {
            Undo::Workflow(status, output) => {
                self.status = status;
                self.output = output;
            }
            Undo::ErrorAdded(id) => {
                self.errors.remove(id);
            }
            Undo::ErrorGone(id, error) => self.errors.insert(id, error),
            Undo::Latest(task, before) => self.progress_mut().take_back_entry(&task, before),
            Undo::EntryStatus(at, status) => {
                self.progress_mut().set_status(at, status);
            }
            Undo::EntryNext(at, transition, taken) => {
                self.progress_mut().set_next(at, transition, taken);
            }
            Undo::EntryTerminal(at, is_terminal) => {
                self.progress_mut().set_terminal(at, is_terminal);
            }
            Undo::EntryPublished(at, published) => {
                self.progress_mut()
                    .change(at, |entry: &mut Entry| entry.published = published);
            }
            Undo::EntryTally(at, tally) => {
                self.progress_mut().set_tally(at, tally);
            }
            Undo::Staged(id, before) => {
                self.staging.remove(id);
                if let Some(staged) = before {
                    self.staging.insert(id, staged);
                }
            }
            Undo::Items(id, before) => {
                self.staging.set_items(id, before);
            }
            Undo::Item(id, item, before) => {
                self.staging.set_item(id, item, before);
            }
        }
    }
}
