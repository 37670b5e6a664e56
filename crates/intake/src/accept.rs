//! Accepting events.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use bus::Bus;
use lifecycle::{Clock, OnError, Tasks};
use model::{
    ExecutionId, IdSource, Object, TraceContext, Trigger, TriggerInstance, TriggerInstanceId,
    TriggerInstanceStatus,
};
use serde_json::Value;
use store::{Store, StoreError};
use tokio::sync::{Mutex, mpsc, oneshot, watch};

use crate::TriggerTable;
use crate::group::{Queue, Waiting};
use crate::live::Live;

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
        Self {
            waiting: 10_000,
            group: 500,
            pending: 200_000,
            validate_payloads: true,
        }
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
#[derive(Debug, Clone, thiserror::Error)]
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
    /// The store failed: nothing was accepted. Shared by all whose events were to be stored together.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The process is shutting down: nothing was accepted.
    #[error("the engine is shutting down")]
    Closed,
}

impl From<StoreError> for IntakeError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// The intake of a process. Cheap to clone.
#[derive(Debug)]
pub struct Intake {
    inner: Arc<Inner>,
    /// The version of the table that this clone's `changed` told of last.
    seen: AtomicU64,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) options: IntakeOptions,
    pub(crate) live: ArcSwap<Live>,
    /// Counts the changes of `live`.
    pub(crate) version: watch::Sender<u64>,
    /// How many instances wait in the store for a rules engine, as far as this process knows.
    pub(crate) pending: AtomicU64,
    clock: Clock,
    ids: Arc<IdSource>,
    queue: mpsc::Sender<Waiting>,
}

impl Clone for Intake {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            seen: AtomicU64::new(self.seen.load(Ordering::Relaxed)),
        }
    }
}

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
        let live = ArcSwap::from_pointee(Live::load(&store).await?);
        let pending = AtomicU64::new(store.count_pending_trigger_instances().await?);
        let (queue, waiting) = mpsc::channel(options.waiting.max(1));
        let version = watch::Sender::new(0);
        let inner = Arc::new(Inner {
            store,
            bus,
            options,
            live,
            version,
            pending,
            clock,
            ids,
            queue,
        });
        start_tasks(&inner, Arc::new(Mutex::new(waiting)), tasks);
        Ok(Self {
            inner,
            seen: AtomicU64::new(0),
        })
    }

    /// Takes an event in: returns once its trigger instance is committed. Many callers share one transaction.
    ///
    /// A trigger that is not known yet is looked for in the store, so that one that another process has just made
    /// can be used at once.
    pub async fn accept(&self, event: Event) -> Result<TriggerInstance, IntakeError> {
        let instance = self.admit(event).await?;
        self.store(instance.clone()).await?;
        Ok(instance)
    }

    /// The first half of [`Intake::accept`]: finds the trigger and makes the instance. For those who try again where it
    /// is not known whether an instance was stored.
    pub async fn admit(&self, event: Event) -> Result<TriggerInstance, IntakeError> {
        self.refuse_too_much()?;
        if self.inner.find(&event.target).is_none() {
            self.inner.refresh().await?;
        }
        self.prepare(event)
    }

    /// The second half: returns once the instance is committed. One that is in the store already is not stored again.
    pub async fn store(&self, instance: TriggerInstance) -> Result<(), IntakeError> {
        self.refuse_too_much()?;
        let (answer, stored) = oneshot::channel();
        self.inner
            .queue
            .try_send(Waiting { instance, answer })
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => IntakeError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => IntakeError::Closed,
            })?;
        stored
            .await
            .map_err(|_gone| IntakeError::Closed)?
            .map_err(IntakeError::Store)
    }

    fn refuse_too_much(&self) -> Result<(), IntakeError> {
        let inner = &self.inner;
        if inner.pending.load(Ordering::Relaxed) >= inner.options.pending {
            return Err(IntakeError::Overloaded);
        }
        Ok(())
    }

    /// Checks an event and makes its trigger instance, but stores nothing: for those who store it together with
    /// something else (timers, ended executions). Pass it to `announce` after the commit.
    pub fn prepare(&self, event: Event) -> Result<TriggerInstance, IntakeError> {
        let inner = &self.inner;
        let trigger = inner
            .find(&event.target)
            .ok_or_else(|| unknown(&event.target))?;
        let payload = if event.payload.is_null() {
            Value::Object(Object::new())
        } else {
            event.payload
        };
        inner.check(&trigger.type_ref, &payload)?;
        let now = inner.clock.now();
        let id: TriggerInstanceId = inner.ids.next(now);
        Ok(TriggerInstance {
            id,
            trigger: trigger.trigger_ref.to_string(),
            trigger_type: trigger.type_ref.clone(),
            payload,
            occurrence_time: now,
            status: TriggerInstanceStatus::Pending,
            status_reason: None,
            trace: inner.trace(event.trace, id),
            caused_by: event.caused_by,
        })
    }

    /// Announces instances that were stored elsewhere.
    pub fn announce(&self, instances: Vec<TriggerInstance>) {
        self.inner.announce(instances);
    }

    /// Reads the triggers again at once, if they changed. For whoever changed them: events that come next find them,
    /// without waiting for the news to arrive.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        self.inner.refresh().await.map(|_| ())
    }

    /// The triggers as they are now.
    #[must_use]
    pub fn triggers(&self) -> Arc<TriggerTable> {
        Arc::clone(&self.inner.live.load().table)
    }

    /// Whether an enabled rule listens to this trigger. The engine's own generic triggers are stored only then.
    #[must_use]
    pub fn is_wanted(&self, trigger_ref: &str) -> bool {
        self.inner.live.load().table.wanted.contains(trigger_ref)
    }

    /// Resolves when the table has changed since the last call on this clone (or since it was cloned): timers look
    /// again.
    pub async fn changed(&self) {
        let mut versions = self.inner.version.subscribe();
        let seen = self.seen.load(Ordering::Relaxed);
        let now = versions
            .wait_for(|version| *version != seen)
            .await
            .map(|version| *version);
        match now {
            Ok(version) => self.seen.store(version, Ordering::Relaxed),
            // The sender lives in `inner`, which lives as long as this.
            Err(_closed) => std::future::pending().await,
        }
    }
}

impl Inner {
    fn find(&self, target: &Target) -> Option<Arc<Trigger>> {
        let live = self.live.load();
        match target {
            Target::Reference(reference) => live.table.triggers.get(reference),
            Target::Parameters(type_ref, parameters) => live.table.find(type_ref, parameters),
        }
        .cloned()
    }

    fn check(&self, trigger_type: &str, payload: &Value) -> Result<(), IntakeError> {
        let live = self.live.load();
        match live.schemas.get(trigger_type) {
            Some(schema) if self.options.validate_payloads => match schema.validate(payload) {
                Ok(_with_defaults) => Ok(()),
                Err(error) => Err(IntakeError::InvalidPayload {
                    trigger_type: trigger_type.to_owned(),
                    message: error.message,
                }),
            },
            _ => Ok(()),
        }
    }

    /// As st2: a sender's trace, a new one with a sender's tag, or a new one named after the instance.
    fn trace(&self, request: Option<TraceRequest>, id: TriggerInstanceId) -> TraceContext {
        let tag = match request {
            Some(TraceRequest::Existing(trace)) => return trace,
            Some(TraceRequest::Tagged(tag)) => tag,
            None => format!("trigger_instance-{id}"),
        };
        TraceContext {
            id: self.ids.next(self.clock.now()),
            tag,
        }
    }
}

fn unknown(target: &Target) -> IntakeError {
    IntakeError::UnknownTrigger(match target {
        Target::Reference(reference) => reference.clone(),
        Target::Parameters(type_ref, parameters) => {
            format!("{type_ref} {}", Value::Object(parameters.clone()))
        }
    })
}

fn start_tasks(inner: &Arc<Inner>, queue: Arc<Queue>, tasks: &Tasks) {
    let (storing, shutdown) = (Arc::clone(inner), tasks.shutdown().clone());
    tasks.start("intake.store", OnError::Restart, move || {
        let (inner, queue, shutdown) = (Arc::clone(&storing), Arc::clone(&queue), shutdown.clone());
        async move {
            inner.store_groups(&queue, &shutdown).await;
            Ok::<(), Infallible>(())
        }
    });
    let (following, shutdown) = (Arc::clone(inner), tasks.shutdown().clone());
    tasks.start("intake.follow", OnError::Restart, move || {
        let (inner, shutdown) = (Arc::clone(&following), shutdown.clone());
        async move { inner.follow(&inner.bus, &shutdown).await }
    });
}
