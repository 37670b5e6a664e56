//! The records that a state is made of.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pyvalue::Value;
use serde::{Deserialize, Serialize};

use crate::{ListId, Status};

/// A task on a route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TaskKey {
    /// The task's name.
    pub id: Arc<str>,
    /// An index into the routes.
    pub route: usize,
}

/// `<task>__t<k>`: the k-th transition between two tasks, named after one of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TransitionId {
    /// The other task.
    pub task: Arc<str>,
    /// Which of the transitions between the two.
    pub key: usize,
}

/// A staged task, by the order of staging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StagedId(pub u64);

/// A run of a task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The task and its route.
    pub task: TaskKey,
    /// Its status.
    pub status: Status,
    /// Contexts that it sees.
    pub contexts: ListId,
    /// The context that its last publishing transition made.
    pub published: Option<(TransitionId, usize)>,
    /// The entries that led here, by the transitions that did.
    pub previous: BTreeMap<TransitionId, usize>,
    /// Which transitions were taken, of those that were looked at.
    pub next: BTreeMap<TransitionId, bool>,
    /// Whether the workflow's output is made of what it saw.
    pub is_terminal: bool,
    /// How often it may be tried again, and was.
    pub retry: Option<RetryState>,
}

/// The retries of a task, with its numbers evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryState {
    /// At most so often.
    pub count: i64,
    /// Seconds to wait before each.
    pub delay: Option<i64>,
    /// So often so far.
    pub tally: i64,
}

/// A task that is to run, waits for its join, or has items under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Staged {
    /// The task and its route.
    pub task: TaskKey,
    /// Contexts that it will see.
    pub contexts: ListId,
    /// The entries that led here, by the transitions that did.
    pub previous: BTreeMap<TransitionId, usize>,
    /// Whether its join is satisfied.
    pub is_ready: bool,
    /// It ended badly, and is kept to be run again by request.
    pub is_completed: bool,
    /// It runs although the workflow is failed by a command beside it.
    pub runs_on_fail: bool,
    /// Seconds to wait, where this is another try.
    pub retry_delay: Option<i64>,
}

/// The items of a task: the status of each, and how many are in each status.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Items {
    statuses: Vec<Status>,
    counts: [usize; Status::ALL.len()],
    /// No item before this one has yet to run.
    first_unset: usize,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorEntry {
    /// In words.
    pub message: String,
    /// The task, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Arc<str>>,
    /// Its route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<usize>,
    /// The transition, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transition: Option<TransitionId>,
    /// The task's result, where that tells more.
    #[serde(skip)]
    pub result: Option<Value>,
}

impl Items {
    /// So many, none of which has run.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self::from_statuses(vec![Status::Unset; count])
    }

    /// Items with their statuses.
    #[must_use]
    pub fn from_statuses(statuses: Vec<Status>) -> Self {
        let mut counts = [0; Status::ALL.len()];
        for status in &statuses {
            counts[status.index()] += 1;
        }
        Self {
            statuses,
            counts,
            first_unset: 0,
        }
    }

    /// Their statuses.
    #[must_use]
    pub fn statuses(&self) -> &[Status] {
        &self.statuses
    }

    /// Whether any item is in a status of a group; one item may be left out.
    pub(crate) fn any(&self, group: impl Fn(Status) -> bool, except: Option<usize>) -> bool {
        let except = except.and_then(|at| self.statuses.get(at).copied());
        Status::ALL.into_iter().any(|status| {
            let left_out = usize::from(except == Some(status));
            group(status) && self.counts[status.index()] > left_out
        })
    }

    /// How many items are active.
    pub(crate) fn active(&self) -> usize {
        Status::ALL
            .into_iter()
            .filter(|status| status.is_active())
            .map(|status| self.counts[status.index()])
            .sum()
    }

    /// The first items that have yet to run, at most so many.
    pub(crate) fn unset(&self, most: usize) -> Vec<usize> {
        self.statuses
            .iter()
            .enumerate()
            .skip(self.first_unset)
            .filter(|(_, status)| **status == Status::Unset)
            .map(|(at, _)| at)
            .take(most)
            .collect()
    }

    pub(crate) fn set(&mut self, item: usize, status: Status) -> Option<Status> {
        let place = self.statuses.get_mut(item)?;
        let before = std::mem::replace(place, status);
        self.counts[before.index()] -= 1;
        self.counts[status.index()] += 1;
        if status == Status::Unset {
            self.first_unset = self.first_unset.min(item);
        }
        while self
            .statuses
            .get(self.first_unset)
            .is_some_and(|status| *status != Status::Unset)
        {
            self.first_unset += 1;
        }
        Some(before)
    }
}

impl fmt::Display for TransitionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}__t{}", self.task, self.key)
    }
}

impl fmt::Display for TaskKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}|{}", self.id, self.route)
    }
}
