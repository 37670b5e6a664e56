//! The scheduler's loops. What is done in a turn is elsewhere.

use std::time::Duration;

use bus::Bus;
use chrono::{DateTime, Utc};
use executions::Executions;
use intake::Intake;
use lifecycle::{Clock, OnError, Tasks};
use store::{Store, StoreError};

use crate::admission::{self, Admission};
use crate::agenda::Agenda;
use crate::housekeeping::keep_house;
use crate::leader::Leader;
use crate::options::SchedulerOptions;
use crate::recovery::Recovery;
use crate::repeats::{self, Repeats};

/// Starts a scheduler under `tasks`. Any number may run; one of them leads.
pub fn start(
    store: Store,
    bus: Bus,
    executions: Executions,
    intake: Intake,
    clock: Clock,
    tasks: &Tasks,
    options: SchedulerOptions,
) {
    crate::metrics::create();
    let parts = Parts {
        store,
        bus,
        executions,
        intake,
        clock,
        tasks: tasks.clone(),
        options,
        holder: holder(),
    };
    let (housekeeping, admission) = (parts.clone(), parts.clone());
    tasks.start("scheduler", OnError::Restart, move || {
        schedule(parts.clone())
    });
    tasks.start("scheduler: admission", OnError::Restart, move || {
        admission::admit_always(
            admission.admission(),
            admission.bus.clone(),
            admission.tasks.shutdown().clone(),
        )
    });
    tasks.start("scheduler: housekeeping", OnError::Restart, move || {
        keep_house_always(housekeeping.clone())
    });
}

#[derive(Debug, Clone)]
struct Parts {
    store: Store,
    bus: Bus,
    executions: Executions,
    intake: Intake,
    clock: Clock,
    tasks: Tasks,
    options: SchedulerOptions,
    holder: String,
}

impl Parts {
    fn admission(&self) -> Admission {
        Admission::new(
            self.store.clone(),
            self.executions.clone(),
            self.clock.clone(),
            &self.holder,
            self.options.clone(),
        )
    }

    fn leader(&self, name: &'static str) -> Leader {
        Leader::new(
            self.store.clone(),
            name,
            self.holder.clone(),
            self.options.lead,
        )
    }
}

/// What is done often, each when it is time.
#[derive(Debug)]
struct Scheduler {
    parts: Parts,
    recovery: Recovery,
    repeats: Repeats,
    admission: Admission,
    agenda: Agenda,
    look: Period,
    repeat: Period,
    expire: Period,
}

/// Something that is done every so often.
#[derive(Debug)]
struct Period {
    every: Duration,
    next: Option<DateTime<Utc>>,
}

impl Period {
    fn new(every: Duration) -> Self {
        Self { every, next: None }
    }

    /// Whether it is time; if so, the next time is `every` after now.
    fn is_due(&mut self, now: DateTime<Utc>) -> bool {
        let is_due = self.next.is_none_or(|next| next <= now);
        if is_due {
            self.next = Some(now + self.every);
        }
        is_due
    }
}

async fn schedule(parts: Parts) -> Result<(), StoreError> {
    let shutdown = parts.tasks.shutdown().clone();
    let mut leader = parts.leader("scheduler");
    let mut scheduler = Scheduler::new(parts);
    loop {
        let now = scheduler.parts.clock.now();
        match leader.leads(now).await {
            Ok(true) => scheduler.turn(now).await,
            Ok(false) => scheduler.agenda.replace(Vec::new()),
            Err(error) => {
                scheduler.recovery.database_was_away();
                scheduler.complain("who leads was not found out", &error);
            }
        }
        if !shutdown.sleep(scheduler.pause()).await {
            leader.resign().await;
            return Ok(());
        }
    }
}

impl Scheduler {
    fn new(parts: Parts) -> Self {
        let Parts {
            store,
            bus,
            executions,
            intake,
            options,
            ..
        } = parts.clone();
        Self {
            recovery: Recovery::new(store.clone(), bus, executions.clone(), options.clone()),
            repeats: Repeats::new(store, executions, intake, options.clone()),
            admission: parts.admission(),
            agenda: Agenda::default(),
            look: Period::new(options.look_every),
            repeat: Period::new(options.repeat_every),
            expire: Period::new(options.expire_keys_every),
            parts,
        }
    }

    /// Does what it is time for; what fails is tried again the next time and holds nothing else up.
    async fn turn(&mut self, now: DateTime<Utc>) {
        if self.look.is_due(now) {
            if let Err(error) = self.recovery.run(now).await {
                self.complain("lost executions were not recovered", &error);
            }
            if let Err(error) = self.admission.sweep(now).await {
                self.complain(
                    "executions that wait for policies were not looked at",
                    &error,
                );
            }
            if let Err(error) = self.look_for_delayed(now).await {
                self.complain("delayed executions were not looked for", &error);
            }
            let (executions, batch) = (&self.parts.executions, self.parts.options.batch);
            if let Err(error) = executions.expire_inquiries(now, batch).await {
                self.complain(
                    "inquiries that nobody answered in time were not ended",
                    &error,
                );
            }
        }
        repeats::announce(&self.parts.executions, self.agenda.take_due(now));
        if self.repeat.is_due(now)
            && let Err(error) = self.repeats.run(now).await
        {
            self.complain("nothing was announced again", &error);
        }
        if self.expire.is_due(now)
            && let Err(error) = self.parts.store.expire_keys(now).await
        {
            self.complain("expired datastore items were not removed", &error);
        }
    }

    async fn look_for_delayed(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let Parts { store, options, .. } = &self.parts;
        self.agenda
            .replace(store.delayed_executions(now, options.batch).await?);
        Ok(())
    }

    /// Until the next look, or until a delay ends before that.
    fn pause(&self) -> Duration {
        let next = self
            .agenda
            .next_due()
            .map(|due| due - self.parts.clock.now());
        let next = next.map_or(Duration::MAX, |left| left.to_std().unwrap_or_default());
        next.min(self.parts.options.look_every)
    }

    #[expect(clippy::unused_self, reason = "reads as what it is at the call")]
    fn complain(&self, what: &str, error: &StoreError) {
        tracing::warn!("{what}: {}", chain(error));
    }
}

async fn keep_house_always(parts: Parts) -> Result<(), StoreError> {
    let shutdown = parts.tasks.shutdown().clone();
    let mut leader = parts.leader("scheduler: housekeeping");
    let mut period = Period::new(parts.options.housekeeping_every);
    loop {
        let now = parts.clock.now();
        let done = async {
            if leader.leads(now).await? && period.is_due(now) {
                keep_house(&parts.store, &parts.options, now).await?;
            }
            Ok::<(), StoreError>(())
        };
        if let Err(error) = done.await {
            tracing::warn!("old history was not dropped: {}", chain(&error));
        }
        if !shutdown.sleep(parts.options.lead / 3).await {
            leader.resign().await;
            return Ok(());
        }
    }
}

/// An error and its causes in a line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// Unique for each start of a scheduler, and readable.
fn holder() -> String {
    let host = nix::unistd::gethostname().map_or_else(
        |_| "localhost".into(),
        |name| name.to_string_lossy().into_owned(),
    );
    format!(
        "{host}:{}:{:08x}",
        std::process::id(),
        rand::random::<u32>()
    )
}

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
