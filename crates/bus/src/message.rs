//! What is said on the bus.

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionId, ExecutionStatus, OutputLine, TaskOrigin, TriggerInstance};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A message of work: exactly one of the workers of its topic receives it (again, if that one does not acknowledge).
pub trait Message: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    /// The topic: name of the exchange and queue after the prefix.
    const TOPIC: &'static str;

    /// The same in two messages, for one that is too large to be sent as a whole. `None` where it has one part.
    fn halves(&self) -> Option<(Self, Self)> {
        None
    }
}

/// Two halves of what has at least two parts.
fn halves<T: Clone>(parts: &[T]) -> Option<(Vec<T>, Vec<T>)> {
    let (first, second) = parts.split_at(parts.len() / 2);
    (!first.is_empty()).then(|| (first.to_vec(), second.to_vec()))
}

/// Trigger instances were stored and want rules. Carries them whole; the bus splits a batch that
/// would exceed about 1 MB.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct EventsStored {
    /// The instances.
    pub instances: Vec<TriggerInstance>,
}

impl Message for EventsStored {
    const TOPIC: &'static str = "events";

    fn halves(&self) -> Option<(Self, Self)> {
        halves(&self.instances)
            .map(|(first, second)| (Self { instances: first }, Self { instances: second }))
    }
}

/// Executions were requested and want a runner. Carries them whole (secrets sealed).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ExecutionsRequested {
    /// The executions.
    pub executions: Vec<Execution>,
}

impl Message for ExecutionsRequested {
    const TOPIC: &'static str = "executions";

    fn halves(&self) -> Option<(Self, Self)> {
        halves(&self.executions)
            .map(|(first, second)| (Self { executions: first }, Self { executions: second }))
    }
}

/// Executions that are workflows were requested, or want somebody to conduct them again. Carries them whole (secrets
/// sealed).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkflowsRequested {
    /// The executions.
    pub executions: Vec<Execution>,
}

impl Message for WorkflowsRequested {
    const TOPIC: &'static str = "workflows";

    fn halves(&self) -> Option<(Self, Self)> {
        halves(&self.executions)
            .map(|(first, second)| (Self { executions: first }, Self { executions: second }))
    }
}

/// Executions came to gates, or left places there to others: the scheduler admits those whose turn it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GatesChanged {
    /// The keys of the gates.
    pub keys: Vec<String>,
}

impl Message for GatesChanged {
    const TOPIC: &'static str = "gates";

    fn halves(&self) -> Option<(Self, Self)> {
        halves(&self.keys).map(|(first, second)| (Self { keys: first }, Self { keys: second }))
    }
}

/// Executions that workflows asked for have ended, or have come into a state that their workflows must know.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TasksChanged {
    /// The changes, each execution's in their order.
    pub changes: Vec<TaskChange>,
}

impl Message for TasksChanged {
    const TOPIC: &'static str = "tasks";

    fn halves(&self) -> Option<(Self, Self)> {
        halves(&self.changes)
            .map(|(first, second)| (Self { changes: first }, Self { changes: second }))
    }
}

/// What has become of an execution that a workflow asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskChange {
    /// The execution.
    pub id: ExecutionId,
    /// The execution of the workflow that asked for it.
    pub workflow: ExecutionId,
    /// Which of the workflow's tasks it carries out; an action chain's are told by `id` alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskOrigin>,
    /// Of a further try that a policy asked for: the execution that the workflow asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_try: Option<ExecutionId>,
    /// Its state now.
    pub status: ExecutionStatus,
    /// What it ended with (secrets masked or sealed as it is stored), up to [`TaskChange::RESULT_UP_TO`] bytes as JSON: a larger one is to be
    /// read from the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<serde_json::Value>,
    /// When it came into that state.
    pub at: DateTime<Utc>,
}

impl TaskChange {
    /// Results of up to this many bytes travel with the message.
    pub const RESULT_UP_TO: u64 = 64 * 1024;

    /// The execution that the workflow asked for, whichever of its tries this is about.
    #[must_use]
    pub fn asked_for(&self) -> ExecutionId {
        self.first_try.unwrap_or(self.id)
    }
}

/// Somebody changed what a workflow is to do (`pausing`, `resuming`, `canceling`): its execution's row says it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct WorkflowWanted {
    /// Which one.
    pub id: ExecutionId,
}

/// Somebody asked to cancel an execution.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CancelWanted {
    /// Which one; its state is `canceling` already.
    pub id: ExecutionId,
}

/// Definitions of a kind changed: live copies reload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DefinitionsChanged {
    /// `rule`, `action`, ...: the store's kind in `snake_case`.
    pub kind: String,
}

/// News for everybody who listens, in every process.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "news", content = "body")]
pub enum News {
    /// See [`CancelWanted`].
    CancelWanted(CancelWanted),
    /// See [`DefinitionsChanged`].
    DefinitionsChanged(DefinitionsChanged),
    /// See [`WorkflowWanted`].
    WorkflowWanted(WorkflowWanted),
    /// See [`TasksChanged`]: told on by a worker that does not conduct these workflows.
    TasksChanged(TasksChanged),
    /// For streams.
    Announcement(Announcement),
    /// Never told by anybody: the listener itself has missed some, since it was too slow or the broker was away. Whoever
    /// keeps copies of what the store holds looks again.
    Missed {
        /// How many, as far as that is known.
        at_least: u64,
    },
}

impl News {
    /// Whether only streams want to hear it.
    pub(crate) fn is_for_streams(&self) -> bool {
        matches!(self, Self::Announcement(_))
    }
}

/// What streams show of the engine's doings. Secrets are masked before this is made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "about", content = "body")]
pub enum Announcement {
    /// An execution was requested.
    ExecutionCreated(Box<Execution>),
    /// An execution changed its state.
    ExecutionUpdated(Box<Execution>),
    /// An execution printed something.
    Output(Vec<OutputLine>),
    /// A rule was enforced, and what of it.
    Enforcement(Box<model::RuleEnforcement>),
    /// Anything else that st2's stream shows: the event's name (`st2.announcement__chatops`) and its body.
    Other {
        /// The event's name.
        event: String,
        /// Its body.
        body: serde_json::Value,
    },
}
