//! Executions: one run of an action.
//!
//! StackStorm keeps two records of a run (live action and action execution); here it is one.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    EnforcementId, ExecutionId, ExecutionStatus, Object, Reference, RuleId, TaskExecutionId,
    TraceId, TriggerInstanceId, WorkflowExecutionId,
};

/// One run of an action.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Execution {
    /// Its id.
    pub id: ExecutionId,
    /// The action.
    pub action_ref: Reference,
    /// The runner that carries the action out.
    pub runner: String,
    /// Key of the `ActionSnapshot` it was requested with.
    pub snapshot: String,
    /// Where it stands.
    pub status: ExecutionStatus,
    /// What it was asked for, rendered; secret values encrypted.
    pub parameters: Object,
    /// Who asked, and from where.
    pub context: ExecutionContext,
    /// When it was requested.
    pub start_timestamp: DateTime<Utc>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_timestamp: Option<DateTime<Utc>>,
    /// Wait this long before running, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_ms: Option<u64>,
    /// What it ended with. Absent until then, and in listings that did not ask for results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Bytes of the result as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_size: Option<u64>,
    /// The states it passed, oldest first.
    pub log: Vec<LogEntry>,
    /// Where it ran.
    #[serde(default)]
    pub runner_info: Option<RunnerInfo>,
    /// Whom to tell when it ends.
    #[serde(default, skip_serializing_if = "Object::is_empty")]
    pub notify: Object,
    /// Who holds it while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// What it must be admitted by before anybody may run it; none where no policy limits it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
}

/// A limit on how many executions with one key may be under way: the scheduler admits them in the order of their
/// requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The policy that set it up (`pack.name`).
    pub policy: String,
    /// What executions share that count together: the policy and the values of its attributes, readable where they
    /// are short and no secrets. Unique to the policy.
    pub key: String,
    /// How many may be under way together.
    pub threshold: u32,
    /// What happens to an execution that finds it full.
    pub when_full: WhenFull,
}

/// What happens to an execution that finds a gate full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenFull {
    /// It waits for its turn.
    Delay,
    /// It is cancelled.
    Cancel,
}

impl WhenFull {
    /// `delay` or `cancel`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Cancel => "cancel",
        }
    }
}

/// A state and when it was entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogEntry {
    /// When.
    pub timestamp: DateTime<Utc>,
    /// Into which state.
    pub status: ExecutionStatus,
}

/// The runner process that ran it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerInfo {
    /// The machine.
    pub hostname: String,
    /// The process.
    pub pid: u32,
}

/// A runner's hold on an execution: it must be renewed before it expires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// The process that holds it; unique for each start of a process.
    pub holder: String,
    /// When it is over unless renewed.
    pub expires_at: DateTime<Utc>,
}

/// Who asked for an execution, and from where.
///
/// The named members are what the engine reads; `extra` is what callers add and packs read as `action_context.*`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ExecutionContext {
    /// The user it runs for.
    pub user: String,
    /// The action's pack.
    pub pack: String,
    /// The rule that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleOrigin>,
    /// What happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_instance: Option<TriggerInstanceOrigin>,
    /// The enforcement between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement: Option<EnforcementId>,
    /// The trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<TraceContext>,
    /// The workflow or chain that asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ExecutionId>,
    /// Which task of that workflow it carries out (`orquesta`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskOrigin>,
    /// Of a workflow that has begun: the id that its tasks know it by (`workflow_execution`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_execution: Option<WorkflowExecutionId>,
    /// The execution that this one repeats (`re_run`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub re_run_of: Option<ExecutionId>,
    /// Whatever else the caller gave.
    #[serde(default, skip_serializing_if = "Object::is_empty")]
    pub extra: Object,
}

/// The rule that asked for an execution, as it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleOrigin {
    /// Its id.
    pub id: RuleId,
    /// Its name (without the pack).
    pub name: String,
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub rule_ref: String,
}

/// The trigger instance an execution answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriggerInstanceOrigin {
    /// Its id.
    pub id: TriggerInstanceId,
    /// The reference of its trigger.
    pub trigger: String,
    /// The reference of that trigger's type.
    pub trigger_type: String,
}

/// The task of a workflow that an execution carries out. The serde form is StackStorm's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskOrigin {
    /// The workflow's id among workflows (not that of its execution).
    pub workflow_execution_id: WorkflowExecutionId,
    /// The run of the task; all items and tries of it share it.
    pub task_execution_id: TaskExecutionId,
    /// The task's name.
    pub task_name: String,
    /// The same, as StackStorm has it.
    pub task_id: String,
    /// The route that the task is on.
    pub task_route: usize,
    /// Of a task with items: which one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<usize>,
}

/// A trace's id, and the tag that people know it by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceContext {
    /// Its id.
    pub id: TraceId,
    /// Its tag.
    pub tag: String,
}

/// A piece of what an execution printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputLine {
    /// The execution.
    pub execution_id: ExecutionId,
    /// Position among the execution's pieces, from 0.
    pub sequence: u64,
    /// Where it was printed.
    pub stream: OutputStream,
    /// A line with its end, or a part of a very long one.
    pub data: String,
    /// When.
    pub timestamp: DateTime<Utc>,
}

/// Where a piece of output was printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutputStream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Anything else a runner says.
    Other,
}

impl OutputStream {
    /// `stdout`, `stderr` or `other`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
            Self::Other => "other",
        }
    }
}
