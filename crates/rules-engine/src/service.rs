//! The loop: batches from the bus, and what a sweep of the store finds.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use bus::{Bus, BusError, Delivery, EventsStored};
use executions::Executions;
use lifecycle::{Clock, OnError, Shutdown, Tasks};
use model::IdSource;
use secrets::Vault;
use store::{Store, StoreError};
use tokio::sync::Semaphore;

use crate::live::Live;
use crate::outcome::chain;
use crate::{RulesOptions, metrics};

/// Matches trigger instances with rules and requests their actions, until the shutdown. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RulesEngine {
    engine: Arc<Engine>,
}

/// What the rules engine works with.
#[derive(Debug, Clone)]
pub struct RulesResources {
    /// Where trigger instances come from and enforcements go to.
    pub store: Store,
    /// How both are announced.
    pub bus: Bus,
    /// The time, for enforcements and `timediff_*`.
    pub clock: Clock,
    /// Ids of enforcements.
    pub ids: Arc<IdSource>,
    /// Opens what `decrypt_kv` is given.
    pub vault: Vault,
    /// Makes the executions that rules request.
    pub executions: Executions,
}

#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) ids: Arc<IdSource>,
    pub(crate) vault: Vault,
    pub(crate) executions: Executions,
    pub(crate) tasks: Tasks,
    pub(crate) options: RulesOptions,
    pub(crate) live: ArcSwap<Live>,
    slots: Arc<Semaphore>,
}

/// The shutdown's patience is over: what is in hand is given back.
#[derive(Debug)]
pub(crate) struct Stopped;

impl RulesEngine {
    /// Loads the rules and starts the tasks that work, follow changes, and sweep.
    pub async fn start(
        resources: RulesResources,
        tasks: &Tasks,
        options: RulesOptions,
    ) -> Result<Self, StoreError> {
        let RulesResources {
            store,
            bus,
            clock,
            ids,
            vault,
            executions,
        } = resources;
        let live = ArcSwap::from_pointee(Live::load(&store, None).await?);
        let slots = Arc::new(Semaphore::new(options.concurrency.max(1)));
        metrics::create();
        let engine = Engine {
            store,
            bus,
            clock,
            ids,
            vault,
            executions,
            tasks: tasks.clone(),
            options,
            live,
            slots,
        };
        let engine = Arc::new(engine);
        start_task(&engine, "rules.work", |engine| async move {
            Arc::clone(&engine).work().await
        });
        start_task(&engine, "rules.follow", |engine| async move {
            engine.follow().await
        });
        start_task(&engine, "rules.sweep", |engine| async move {
            engine.sweep().await;
            Ok::<(), Infallible>(())
        });
        Ok(Self { engine })
    }

    /// How many rules are in force in this process.
    #[must_use]
    pub fn rules(&self) -> usize {
        self.engine.live.load().rules.len()
    }
}

fn start_task<F, E>(
    engine: &Arc<Engine>,
    name: &'static str,
    make: impl Fn(Arc<Engine>) -> F + Send + 'static,
) where
    F: Future<Output = Result<(), E>> + Send + 'static,
    E: std::fmt::Display + Send + 'static,
{
    let tasks = engine.tasks.clone();
    let engine = Arc::clone(engine);
    tasks.start(name, OnError::Restart, move || make(Arc::clone(&engine)));
}

impl Engine {
    /// Takes batches from the bus as long as there is a free slot.
    async fn work(self: Arc<Self>) -> Result<(), BusError> {
        let mut worker = self.bus.work::<EventsStored>(self.options.prefetch).await?;
        let shutdown = self.tasks.shutdown();
        loop {
            let slot = tokio::select! {
                () = shutdown.draining() => return Ok(()),
                slot = Arc::clone(&self.slots).acquire_owned() => slot,
            };
            let batch = tokio::select! {
                () = shutdown.draining() => return Ok(()),
                batch = worker.next_batch(self.options.batch) => batch,
            };
            if batch.is_empty() {
                return Ok(());
            }
            let engine = Arc::clone(&self);
            self.tasks.run(async move {
                engine.handle(batch).await;
                drop(slot);
            });
        }
    }

    /// Processes a batch; acknowledges it once everything in it is committed, and not before.
    async fn handle(&self, mut batch: Vec<Delivery<EventsStored>>) {
        let instances = batch
            .iter_mut()
            .flat_map(|delivery| std::mem::take(&mut delivery.message.instances))
            .collect();
        if let Err(Stopped) = self.process(instances).await {
            tracing::info!("the shutdown came first, a batch of events is given back");
            return;
        }
        batch.into_iter().for_each(Delivery::done);
    }

    /// Now and then takes instances that nobody took: their message was lost, or whoever had it died.
    async fn sweep(&self) {
        while self.tasks.shutdown().sleep(self.options.sweep).await {
            if let Err(error) = self.sweep_once().await {
                tracing::warn!(
                    "the sweep for waiting trigger instances failed: {}",
                    chain(&error)
                );
            }
        }
    }

    async fn sweep_once(&self) -> Result<(), StoreError> {
        loop {
            let is_busy = self.slots.available_permits() == 0;
            let overdue = if is_busy {
                self.options.overdue_when_busy
            } else {
                self.options.overdue
            };
            let found = self
                .store
                .pending_trigger_instances(self.clock.now() - overdue, self.options.sweep_limit)
                .await?;
            if found.is_empty() {
                return Ok(());
            }
            let count = found.len();
            let Ok(won) = self.process(found).await else {
                return Ok(());
            };
            if won > 0 {
                tracing::info!("{won} trigger instances that nobody had taken were processed");
            }
            let may_be_more = count >= self.options.sweep_limit as usize && won > 0;
            if !may_be_more || self.tasks.shutdown().is_draining() {
                return Ok(());
            }
        }
    }

    pub(crate) fn backoff(&self) -> Backoff<'_> {
        Backoff {
            shutdown: self.tasks.shutdown(),
            pause: Duration::from_millis(100),
        }
    }
}

/// Growing pauses between tries, which the end of the shutdown's patience cuts short.
pub(crate) struct Backoff<'s> {
    shutdown: &'s Shutdown,
    pause: Duration,
}

impl Backoff<'_> {
    const LONGEST: Duration = Duration::from_secs(5);

    /// Waits before the next try.
    pub(crate) async fn wait(&mut self, problem: &str) -> Result<(), Stopped> {
        tracing::warn!("trying again in {:?}: {problem}", self.pause);
        let pause = self.pause;
        self.pause = (pause * 2).min(Self::LONGEST);
        tokio::select! {
            () = tokio::time::sleep(pause) => Ok(()),
            () = self.shutdown.stopping() => Err(Stopped),
        }
    }
}
