//! The records that a state is made of.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use pyvalue::Value;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransitionId {
    /// The other task.
    pub task: Arc<str>,
    /// Which of the transitions between the two.
    pub key: usize,
}

/// A staged task, by the order of staging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StagedId(pub u64);

/// An error, by the order in which it was noted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ErrorId(pub u64);

/// An index into the arrivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ArrivalId(pub usize);

/// A transition that led to a task, and those that had led there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// What had led there before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<ArrivalId>,
    /// The transition, named after the task that it comes from.
    pub transition: TransitionId,
    /// The entry of that task.
    pub entry: usize,
}

/// A route: another one and a step more. The first has neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The route that this one grew out of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub before: Option<usize>,
    /// The transition that began it, named after the task that it comes from.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<TransitionId>,
}

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
    /// What led here; see [`State::previous`](super::State::previous).
    pub previous: Option<ArrivalId>,
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
    /// What led here; see [`State::previous`](super::State::previous).
    pub previous: Option<ArrivalId>,
    /// Whether its join is satisfied.
    pub is_ready: bool,
    /// It ended badly, and is kept to be run again by request.
    pub is_completed: bool,
    /// It runs although the workflow is failed by a command beside it.
    pub runs_on_fail: bool,
    /// Seconds to wait, where this is another try.
    pub retry_delay: Option<i64>,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorEntry {
    /// In words.
    pub message: String,
    /// The task, if it was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub task_id: Option<Arc<str>>,
    /// Its route.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub route: Option<usize>,
    /// The transition, if it was one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub transition: Option<TransitionId>,
    /// The task's result, where that tells more.
    #[serde(
        serialize_with = "super::stored::optional_as_json",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub result: Option<Value>,
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

impl FromStr for TransitionId {
    type Err = NotTransition;

    fn from_str(text: &str) -> Result<Self, NotTransition> {
        let parts = text.rsplit_once("__t");
        let id = parts.and_then(|(task, key)| {
            Some(Self {
                task: Arc::from(task),
                key: key.parse().ok()?,
            })
        });
        id.ok_or_else(|| NotTransition(text.to_owned()))
    }
}

/// A text that names no transition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no transition, which looks like `task__t0`")]
pub struct NotTransition(String);

/// As its text.
impl Serialize for TransitionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TransitionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
