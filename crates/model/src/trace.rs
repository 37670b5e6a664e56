//! Traces: everything that one event led to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{EnforcementId, ExecutionId, RuleId, TraceContext, TraceId, TriggerInstanceId};

/// Everything that shares a trace id, oldest first. Derived from the rows that carry the id; nothing is stored twice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Its id and the tag people know it by.
    pub context: TraceContext,
    /// When it began.
    pub start_timestamp: DateTime<Utc>,
    /// What happened.
    pub trigger_instances: Vec<TraceLink<TriggerInstanceId>>,
    /// Which rules matched; `caused_by` names the trigger instance.
    pub rules: Vec<TraceLink<RuleId>>,
    /// What ran.
    pub executions: Vec<TraceLink<ExecutionId>>,
}

impl Trace {
    /// The trace's id.
    #[must_use]
    pub fn id(&self) -> TraceId {
        self.context.id
    }
}

/// One member of a trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TraceLink<Id> {
    /// The member.
    pub id: Id,
    /// Trigger, rule or action reference.
    #[serde(rename = "ref")]
    pub reference: String,
    /// When it appeared.
    pub at: DateTime<Utc>,
    /// The trigger instance that made a rule match or an execution run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trigger_instance: Option<TriggerInstanceId>,
    /// The enforcement between them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforcement: Option<EnforcementId>,
    /// The rule that asked for an execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleId>,
    /// The execution that is the parent of an execution, or that caused a trigger instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionId>,
}
