//! The role: the loop that waits for the next timer and fires it, and the one that keeps sensors.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bus::Bus;
use chrono::{DateTime, Utc};
use executions::{Executions, PackFolders};
use intake::{Event, Intake, Target, TraceRequest};
use lifecycle::{Clock, OnError, Shutdown, Tasks};
use model::{IdSource, Trigger};
use secrets::Vault;
use serde_json::json;
use store::{Store, StoreError};
use tokio::sync::Mutex;

use crate::roster::Roster;
use crate::timers::{Timer, Timers};
use crate::{Schedule, SensorOptions};

/// What sensors and timers stand on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SensorResources {
    /// Where everything is kept.
    pub store: Store,
    /// Where news come from.
    pub bus: Bus,
    /// Takes events in.
    pub intake: Intake,
    /// Reads configurations, changes the datastore.
    pub executions: Executions,
    /// Seals what is secret.
    pub vault: Vault,
    /// Where packs lie.
    pub folders: PackFolders,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Arc<IdSource>,
}

/// The sensors role of a process.
#[derive(Debug, Clone)]
pub struct Sensors {
    resources: SensorResources,
    store: Store,
    intake: Intake,
    clock: Clock,
    options: Arc<SensorOptions>,
}

impl Sensors {
    /// The role on these resources.
    #[must_use]
    pub fn new(resources: SensorResources, options: SensorOptions) -> Self {
        Self {
            store: resources.store.clone(),
            intake: resources.intake.clone(),
            clock: resources.clock.clone(),
            options: Arc::new(options),
            resources,
        }
    }

    /// Starts the role's tasks; they end when the process drains.
    pub fn start(self, tasks: &Tasks) {
        let shutdown = tasks.shutdown().clone();
        let roster = Roster::new(
            self.resources.clone(),
            Arc::clone(&self.options),
            tasks.clone(),
        );
        // Kept where the task is started again: its sensors run on.
        let roster = Arc::new(Mutex::new(roster));
        let draining = shutdown.clone();
        tasks.start("sensors", OnError::Restart, move || {
            let (roster, shutdown) = (Arc::clone(&roster), draining.clone());
            async move {
                roster.lock().await.run(&shutdown).await;
                Ok::<(), Infallible>(())
            }
        });
        tasks.start("timers", OnError::Restart, move || {
            self.clone().run(shutdown.clone())
        });
    }

    async fn run(self, shutdown: Shutdown) -> Result<(), StoreError> {
        let mut timers = Timers::default();
        while !shutdown.is_draining() {
            let wait = match self.turn(&mut timers).await {
                Ok(()) => self.until_next(&timers),
                Err(error) => {
                    tracing::warn!("timers wait for the store: {error}");
                    self.options.retry
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.intake.changed() => {}
                () = shutdown.draining() => {}
            }
        }
        Ok(())
    }

    /// Follows the table of triggers and fires what is due.
    async fn turn(&self, timers: &mut Timers) -> Result<(), StoreError> {
        for trigger in timers.follow(&self.intake.triggers()) {
            self.meet(timers, trigger).await?;
        }
        for (timer, time) in timers.due(self.clock.now()) {
            self.fire(&timer, time).await?;
            timers.fired(timer.trigger.id, time);
        }
        Ok(())
    }

    async fn meet(&self, timers: &mut Timers, trigger: Arc<Trigger>) -> Result<(), StoreError> {
        match Schedule::of(&trigger) {
            Ok(schedule) => {
                self.store.start_timer(trigger.id, self.clock.now()).await?;
                let last = self
                    .store
                    .timer_last_fired(trigger.id)
                    .await?
                    .unwrap_or_else(|| self.clock.now());
                timers.see(trigger, schedule, last);
            }
            Err(error) => {
                tracing::error!(trigger.r#ref = %trigger.trigger_ref, "timer cannot run: {error}");
            }
        }
        Ok(())
    }

    async fn fire(&self, timer: &Timer, time: DateTime<Utc>) -> Result<(), StoreError> {
        let trigger = &timer.trigger;
        let instance = match self.intake.prepare(firing(trigger, time)) {
            Ok(instance) => instance,
            Err(error) => {
                tracing::error!(trigger.r#ref = %trigger.trigger_ref, "timer did not fire: {error}");
                return Ok(());
            }
        };
        if self.store.fire_timer(trigger.id, time, &instance).await? {
            self.intake.announce(vec![instance]);
        }
        Ok(())
    }

    fn until_next(&self, timers: &Timers) -> Duration {
        let wait = timers
            .next()
            .map(|next| (next - self.clock.now()).to_std().unwrap_or(Duration::ZERO));
        wait.unwrap_or(self.options.patience)
            .min(self.options.patience)
    }
}

/// What a timer says when it fires; the payload as st2's timers give it.
fn firing(trigger: &Trigger, time: DateTime<Utc>) -> Event {
    let kind = trigger.type_ref.rsplit('.').next().unwrap_or_default();
    Event {
        target: Target::Reference(trigger.trigger_ref.to_string()),
        payload: json!({
            "executed_at": time.format("%Y-%m-%d %H:%M:%S%.6f+00:00").to_string(),
            "schedule": trigger.parameters.get("time"),
        }),
        trace: Some(TraceRequest::Tagged(format!("{kind}-{}", trigger.name))),
        caused_by: None,
    }
}
