//! The domain's words: ids, refs, statuses, parameters and their rules, and how they look on the wire.
//!
//! No async, no clock, no I/O. What one crate alone needs lives in that crate, not here.

mod action;
mod audit;
mod datastore;
mod enforcement;
mod execution;
mod id;
mod pack;
mod page;
mod reference;
mod rule;
mod runner;
mod sensor;
mod sensor_instance;
mod status;
mod trace;
mod trigger;

pub use action::{Action, ActionAlias, ActionSnapshot, Policy, Tag};
pub use audit::{AuditAction, AuditEntry};
pub use datastore::{KeyScope, KeyValue};
pub use enforcement::{EnforcedRule, RuleEnforcement};
pub use execution::{
    Execution, ExecutionContext, Gate, Lease, LogEntry, OutputLine, OutputStream, RuleOrigin,
    RunnerInfo, TaskOrigin, TraceContext, TriggerInstanceOrigin, WhenFull,
};
pub use id::{
    ActionId, AliasId, AuditId, ConfigId, EnforcementId, ExecutionId, IdSource, InvalidId, KeyId,
    ObjectId, PackId, PolicyId, PolicyTypeId, RuleId, RunnerTypeId, SensorId, TaskExecutionId,
    TraceId, TriggerId, TriggerInstanceId, TriggerTypeId, WorkflowExecutionId,
};
pub use pack::{Pack, PackConfig, PackConfigSchema};
pub use page::{Page, PageOf};
pub use reference::{InvalidReference, Reference};
pub use rule::{Rule, RuleAction, RuleKind, RuleTrigger};
pub use runner::{BuiltInRunner, CONDUCTED_RUNNERS, RunnerType, built_in_runners, is_conducted};
pub use sensor::{Sensor, SensorState, SensorStatus};
pub use sensor_instance::{InstanceError, SensorInstance};
pub use status::{EnforcementStatus, ExecutionStatus, TriggerInstanceStatus, UnknownStatus};
pub use trace::{Trace, TraceLink};
pub use trigger::{
    InternalTriggerType, Trigger, TriggerInstance, TriggerType, internal_trigger_types,
};

/// A JSON object whose keys keep their order.
pub type Object = serde_json::Map<String, serde_json::Value>;
