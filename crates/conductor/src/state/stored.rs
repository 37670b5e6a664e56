//! The state as a store keeps it: records under keys.
//!
//! A store writes what [`Changes`](super::Changes) names and reads all of an execution's records to go on. What
//! [`State::record`] does not know any more is to be removed. A record of items stands for those of each item: written
//! or removed, it takes the records of its items with it, before those that the same changes name are written.

use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use pyvalue::{Dict, Value};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use super::errors::Errors;
use super::{
    Arrival, Entry, ErrorEntry, ErrorId, Items, Journal, Progress, Route, Staged, StagedId,
    Staging, State,
};
use crate::context::Contexts;
use crate::graph::Joins;
use crate::{ListId, ListNode, Status};

/// What a record is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RecordKey {
    /// The workflow's status and output.
    Workflow,
    /// A context, by its index.
    Context(usize),
    /// A list of contexts, by its index.
    List(usize),
    /// A route, by its index.
    Route(usize),
    /// What led to a task, by its index.
    Arrival(usize),
    /// A run of a task, by its index in the sequence.
    Entry(usize),
    /// A staged task.
    Staged(StagedId),
    /// The items of a staged task.
    Items(StagedId),
    /// An item of a staged task.
    Item(StagedId, usize),
    /// An error.
    Error(ErrorId),
}

/// The workflow itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRecord {
    /// Its status.
    pub status: Status,
    /// What it yields; null where it yields nothing (yet).
    #[serde(serialize_with = "as_json")]
    pub output: Value,
}

/// A record. Contexts and lists, routes and arrivals never change once they are there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// The workflow's status and output.
    Workflow(WorkflowRecord),
    /// A context: a dictionary.
    Context(#[serde(serialize_with = "as_json")] Value),
    /// A list of contexts.
    List(ListNode),
    /// A route.
    Route(Route),
    /// What led to a task.
    Arrival(Arrival),
    /// A run of a task.
    Entry(Entry),
    /// A staged task.
    Staged(Staged),
    /// How many items a staged task has.
    Items(usize),
    /// The status of an item. An item without record has yet to run.
    Item(Status),
    /// An error.
    Error(ErrorEntry),
}

fn as_json<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
    let json = value.to_json().map_err(S::Error::custom)?;
    json.serialize(serializer)
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
pub(super) fn optional_as_json<S: Serializer>(
    value: &Option<Value>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    as_json(value.as_ref().unwrap_or(&Value::None), serializer)
}

/// Records that make no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RestoreError {
    /// A record is not of the kind that its key says.
    #[error("the record {0:?} is of another kind than its key")]
    Kind(RecordKey),
    /// A record is missing, or names one that is missing.
    #[error("the record {0:?} is missing")]
    Missing(RecordKey),
}

impl State {
    /// A record as it is now; `None` where there is none (any more).
    #[must_use]
    pub fn record(&self, key: RecordKey) -> Option<Record> {
        let value = |dict: &Dict| Value::Dict(dict.clone());
        Some(match key {
            RecordKey::Workflow => Record::Workflow(WorkflowRecord {
                status: self.status,
                output: self.output.as_ref().map_or(Value::None, value),
            }),
            RecordKey::Context(at) => Record::Context(value(self.contexts.values.get(at)?)),
            RecordKey::List(at) => Record::List(*self.contexts.lists.get(at)?),
            RecordKey::Route(at) => Record::Route(self.progress.routes().get(at)?.clone()),
            RecordKey::Arrival(at) => Record::Arrival(self.progress.arrivals().get(at)?.clone()),
            RecordKey::Entry(at) => Record::Entry(self.sequence().get(at)?.clone()),
            RecordKey::Staged(id) => Record::Staged(self.staging.get(id)?.clone()),
            RecordKey::Items(id) => Record::Items(self.staging.items(id)?.statuses().len()),
            RecordKey::Item(id, item) => match *self.staging.items(id)?.statuses().get(item)? {
                Status::Unset => return None,
                status => Record::Item(status),
            },
            RecordKey::Error(id) => Record::Error(self.errors.get(id)?.clone()),
        })
    }

    /// The keys of all records, in order.
    pub fn keys(&self) -> impl Iterator<Item = RecordKey> {
        let lengths = self.lengths();
        let staged = self.staging.iter().flat_map(|(id, _)| {
            let items = self.staging.items(id);
            let statuses = items.map(Items::statuses).unwrap_or_default();
            let items = items.map(|_| RecordKey::Items(id));
            let of_items = statuses.iter().enumerate();
            let of_items = of_items.filter(|(_, status)| **status != Status::Unset);
            [RecordKey::Staged(id)]
                .into_iter()
                .chain(items)
                .chain(of_items.map(move |(item, _)| RecordKey::Item(id, item)))
        });
        [RecordKey::Workflow]
            .into_iter()
            .chain((0..lengths.contexts).map(RecordKey::Context))
            .chain((0..lengths.lists).map(RecordKey::List))
            .chain((0..lengths.routes).map(RecordKey::Route))
            .chain((0..lengths.arrivals).map(RecordKey::Arrival))
            .chain((0..lengths.entries).map(RecordKey::Entry))
            .chain(staged)
            .chain(self.errors.iter().map(|(id, _)| RecordKey::Error(id)))
    }

    /// All records under their keys.
    pub fn records(&self) -> impl Iterator<Item = (RecordKey, Record)> {
        self.keys().filter_map(|key| Some((key, self.record(key)?)))
    }

    /// The state that records make, in any order.
    pub(crate) fn restore(
        joins: Arc<Joins>,
        records: impl IntoIterator<Item = (RecordKey, Record)>,
    ) -> Result<Self, RestoreError> {
        let mut loaded = Loaded::default();
        for (key, record) in records {
            loaded.take(key, record)?;
        }
        loaded.into_state(joins)
    }
}

/// Records, sorted into their kinds.
#[derive(Default)]
struct Loaded {
    workflow: Option<WorkflowRecord>,
    contexts: BTreeMap<usize, Dict>,
    lists: BTreeMap<usize, ListNode>,
    routes: BTreeMap<usize, Route>,
    arrivals: BTreeMap<usize, Arrival>,
    entries: BTreeMap<usize, Entry>,
    staged: BTreeMap<StagedId, Staged>,
    items: BTreeMap<StagedId, usize>,
    item_statuses: BTreeMap<(StagedId, usize), Status>,
    errors: BTreeMap<ErrorId, ErrorEntry>,
}

impl Loaded {
    fn take(&mut self, key: RecordKey, record: Record) -> Result<(), RestoreError> {
        match (key, record) {
            (RecordKey::Workflow, Record::Workflow(workflow)) => self.workflow = Some(workflow),
            (RecordKey::Context(at), Record::Context(Value::Dict(values))) => {
                self.contexts.insert(at, values);
            }
            (RecordKey::List(at), Record::List(node)) => {
                self.lists.insert(at, node);
            }
            (RecordKey::Route(at), Record::Route(route)) => {
                self.routes.insert(at, route);
            }
            (RecordKey::Arrival(at), Record::Arrival(arrival)) => {
                self.arrivals.insert(at, arrival);
            }
            (RecordKey::Entry(at), Record::Entry(entry)) => {
                self.entries.insert(at, entry);
            }
            (RecordKey::Staged(id), Record::Staged(staged)) => {
                self.staged.insert(id, staged);
            }
            (RecordKey::Items(id), Record::Items(count)) => {
                self.items.insert(id, count);
            }
            (RecordKey::Item(id, item), Record::Item(status)) => {
                self.item_statuses.insert((id, item), status);
            }
            (RecordKey::Error(id), Record::Error(error)) => {
                self.errors.insert(id, error);
            }
            (key, _) => return Err(RestoreError::Kind(key)),
        }
        Ok(())
    }

    fn into_state(self, joins: Arc<Joins>) -> Result<State, RestoreError> {
        let workflow = self
            .workflow
            .ok_or(RestoreError::Missing(RecordKey::Workflow))?;
        let contexts = dense(self.contexts, RecordKey::Context)?;
        let lists = dense(self.lists, RecordKey::List)?;
        let routes = dense(self.routes, RecordKey::Route)?;
        let arrivals = dense(self.arrivals, RecordKey::Arrival)?;
        for (at, node) in lists.iter().enumerate() {
            // Lists are made of earlier ones: nothing goes round in circles.
            let parts = match *node {
                ListNode::Start => [None, None],
                ListNode::Added(ListId(before), _) => [Some(before), None],
                ListNode::Joined(ListId(one), ListId(other)) => [Some(one), Some(other)],
            };
            if let Some(part) = parts.into_iter().flatten().find(|part| *part >= at) {
                return Err(RestoreError::Missing(RecordKey::List(part)));
            }
        }
        let mut progress = Progress::new(joins);
        for (at, route) in routes.into_iter().enumerate() {
            if let Some(before) = route.before.filter(|before| *before >= at) {
                return Err(RestoreError::Missing(RecordKey::Route(before)));
            }
            progress.add_route(route);
        }
        for (at, arrival) in arrivals.into_iter().enumerate() {
            if let Some(before) = arrival.before.filter(|before| before.0 >= at) {
                return Err(RestoreError::Missing(RecordKey::Arrival(before.0)));
            }
            progress.add_arrival(arrival);
        }
        for entry in dense(self.entries, RecordKey::Entry)? {
            progress.add(entry);
        }
        let mut staging = Staging::default();
        for (id, staged) in self.staged {
            staging.insert(id, staged);
        }
        for (id, count) in self.items {
            if staging.get(id).is_none() {
                return Err(RestoreError::Missing(RecordKey::Staged(id)));
            }
            staging.set_items(id, Some(Items::new(count)));
        }
        for ((id, item), status) in self.item_statuses {
            if staging.set_item(id, item, status).is_none() {
                return Err(RestoreError::Missing(RecordKey::Items(id)));
            }
        }
        let mut errors = Errors::default();
        for (id, error) in self.errors {
            errors.insert(id, error);
        }
        Ok(State {
            status: workflow.status,
            output: workflow.output.as_dict().cloned(),
            errors,
            contexts: Contexts::restored(contexts, lists),
            progress: Arc::new(progress),
            staging,
            journal: Journal::default(),
        })
    }
}

/// Records by their indexes, of which none may be missing.
fn dense<T>(
    records: BTreeMap<usize, T>,
    key: impl Fn(usize) -> RecordKey,
) -> Result<Vec<T>, RestoreError> {
    let records: btree_map::IntoIter<usize, T> = records.into_iter();
    records
        .enumerate()
        .map(|(expected, (at, record))| {
            if at == expected {
                Ok(record)
            } else {
                Err(RestoreError::Missing(key(expected)))
            }
        })
        .collect()
}
