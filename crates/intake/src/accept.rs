//! Accepting events.

use std::sync::Arc;

use bus::Bus;
use lifecycle::{Clock, Tasks};
use model::{ExecutionId, IdSource, Object, TraceContext, TriggerInstance};
use serde_json::Value;
use store::{Store, StoreError};

use crate::TriggerTable;

/// Bounds of the intake.
#[derive(Debug, Clone)]
pub struct IntakeOptions {
    /// At most so many events wait to be stored; beyond, senders are told to slow down.
    pub waiting: usize,
    /// At most so many events are stored by one transaction.
    pub group: usize,
    /// With more instances than this `pending` in the store, senders are told to slow down.
    pub pending: u64,
    /// Payloads are checked against their trigger type's schema (st2's `validate_trigger_payload`).
    pub validate_payloads: bool,
}

impl Default for IntakeOptions {
    fn default() -> Self {
        Self { waiting: 10_000, group: 500, pending: 200_000, validate_payloads: true }
    }
}

/// What happened, as a sender says it.
#[derive(Debug, Clone)]
pub struct Event {
    /// To which trigger.
    pub target: Target,
    /// What it carries.
    pub payload: Value,
    /// The trace it belongs to; a new one otherwise.
    pub trace: Option<TraceRequest>,
    /// The execution that caused it.
    pub caused_by: Option<ExecutionId>,
}

/// How a sender names a trigger.
#[derive(Debug, Clone)]
pub enum Target {
    /// By the trigger's reference, or its type's where it has no parameters.
    Reference(String),
    /// By type and parameters.
    Parameters(String, Object),
}

/// How a sender names a trace.
#[derive(Debug, Clone)]
pub enum TraceRequest {
    /// A trace that exists.
    Existing(TraceContext),
    /// A new one with this tag.
    Tagged(String),
}

/// Why an event was not taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IntakeError {
    /// Nothing has this reference.
    #[error("trigger `{0}` does not exist")]
    UnknownTrigger(String),
    /// The payload is not what the trigger type says.
    #[error("the payload does not fit trigger type `{trigger_type}`: {message}")]
    InvalidPayload {
        /// The type.
        trigger_type: String,
        /// In the schema's words.
        message: String,
    },
    /// Too much waits already; try again in a moment.
    #[error("too many events are waiting; send again in a moment")]
    Overloaded,
    /// The store failed: nothing was accepted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The process is shutting down: nothing was accepted.
    #[error("the engine is shutting down")]
    Closed,
}

/// The intake of a process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {}

impl Intake {
    /// Loads the triggers and starts the task that stores groups and the one that keeps the table current.
    pub async fn start(
        store: Store,
        bus: Bus,
        clock: Clock,
        ids: Arc<IdSource>,
        tasks: &Tasks,
        options: IntakeOptions,
    ) -> Result<Self, StoreError> {
        unimplemented!("{store:?} {bus:?} {clock:?} {ids:?} {tasks:?} {options:?}")
    }

    /// Takes an event in: returns once its trigger instance is committed. Many callers share one transaction.
    pub async fn accept(&self, event: Event) -> Result<TriggerInstance, IntakeError> {
        unimplemented!("{event:?}")
    }

    /// Checks an event and makes its trigger instance, but stores nothing: for those who store it together with
    /// something else (timers, ended executions). Pass it to `announce` after the commit.
    pub fn prepare(&self, event: Event) -> Result<TriggerInstance, IntakeError> {
        unimplemented!("{event:?}")
    }

    /// Announces instances that were stored elsewhere.
    pub fn announce(&self, instances: Vec<TriggerInstance>) {
        unimplemented!("{instances:?}")
    }

    /// The triggers as they are now.
    #[must_use]
    pub fn triggers(&self) -> Arc<TriggerTable> {
        unimplemented!()
    }

    /// Whether an enabled rule listens to this trigger. The engine's own generic triggers are stored only then.
    #[must_use]
    pub fn is_wanted(&self, trigger_ref: &str) -> bool {
        unimplemented!("{trigger_ref}")
    }

    /// Resolves when the table has changed since the last call: timers look again.
    pub async fn changed(&self) {
        unimplemented!()
    }
}
