//! Rule enforcements.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    EnforcementId, EnforcementStatus, ExecutionId, RuleId, TraceContext, TriggerInstanceId,
};

/// The record that a rule matched a trigger instance, or could not be evaluated for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RuleEnforcement {
    /// Its id.
    pub id: EnforcementId,
    /// What happened.
    pub trigger_instance_id: TriggerInstanceId,
    /// The execution that was requested; absent where that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<ExecutionId>,
    /// The rule, as it was.
    pub rule: EnforcedRule,
    /// When.
    pub enforced_at: DateTime<Utc>,
    /// What came of it.
    pub status: EnforcementStatus,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
    /// The trace it belongs to.
    pub trace: TraceContext,
}

/// Names of a rule that was enforced; they outlive the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnforcedRule {
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub rule_ref: String,
    /// Its id.
    pub id: RuleId,
    /// `rule:PACK:NAME`.
    pub uid: String,
}
