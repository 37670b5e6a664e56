//! Admits executions that policies limit, when it is their turn: as soon as a message says that it may be, and by a
//! sweep, which finds what lost messages left.
//!
//! Every scheduler takes part, whoever leads: the store lets one admit at a time.

use bus::{Bus, BusError, GatesChanged};
use chrono::{DateTime, Utc};
use executions::{Executions, Outcome};
use lifecycle::{Clock, Shutdown};
use model::{Execution, ExecutionStatus, Lease};
use store::{Kind, Revision, Store, StoreError};

use crate::metrics;
use crate::options::SchedulerOptions;
use crate::repeats;

/// Messages that are taken in together.
const MESSAGES_TOGETHER: usize = 256;
/// Keys that are looked at in one transaction.
const KEYS_TOGETHER: usize = 200;
/// Keys that a sweep looks at.
const SWEPT: u32 = 10_000;

/// Admits for one scheduler.
#[derive(Debug)]
pub(crate) struct Admission {
    store: Store,
    executions: Executions,
    clock: Clock,
    holder: String,
    options: SchedulerOptions,
    /// The policies that were put in force last for those who wait.
    revised: Option<Revision>,
}

impl Admission {
    pub(crate) fn new(
        store: Store,
        executions: Executions,
        clock: Clock,
        holder: &str,
        options: SchedulerOptions,
    ) -> Self {
        Self {
            store,
            executions,
            clock,
            // Not the scheduler's own name: what it refuses is not what it runs.
            holder: format!("{holder}:admission"),
            options,
            revised: None,
        }
    }

    /// Looks at everybody who waits, by the policies as they are now.
    pub(crate) async fn sweep(&mut self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let keys = self.store.waiting_keys(SWEPT).await?;
        if keys.is_empty() {
            return Ok(());
        }
        let revision = self.store.revision(Kind::Policy).await?;
        if self.revised != Some(revision) {
            let limits = self.executions.limits().await?;
            self.store.revise_gates(&limits).await?;
            self.revised = Some(revision);
        }
        self.admit(keys, now).await
    }

    /// Admits whose turn it is under these keys.
    pub(crate) async fn admit(
        &self,
        mut keys: Vec<String>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        keys.sort_unstable();
        keys.dedup();
        for keys in keys.chunks(KEYS_TOGETHER) {
            while self.admit_some(keys, now).await? {}
        }
        Ok(())
    }

    async fn admit_some(&self, keys: &[String], now: DateTime<Utc>) -> Result<bool, StoreError> {
        let lease = Lease {
            holder: self.holder.clone(),
            expires_at: now + self.options.refuse_within,
        };
        let admission = self
            .store
            .admit(keys, &lease, now, self.options.batch)
            .await?;
        metrics::admitted(admission.admitted.len(), admission.refused.len());
        if self.executions.has_audience() {
            let changed = [&admission.delayed, &admission.admitted, &admission.refused];
            for execution in changed.into_iter().flatten() {
                self.executions.tell_state(execution);
            }
        }
        repeats::announce(&self.executions, admission.admitted);
        let outcomes: Vec<Outcome> = admission.refused.into_iter().map(refused).collect();
        if !outcomes.is_empty() {
            self.executions.finish(outcomes).await?;
        }
        Ok(admission.is_partial)
    }
}

/// How an execution ends that a policy refused: its result says which.
fn refused(execution: Execution) -> Outcome {
    Outcome {
        result: execution.result.clone().unwrap_or_default(),
        status: ExecutionStatus::Canceled,
        execution,
    }
}

/// Admits whenever a message says that it may be somebody's turn. Where the store fails, a sweep does it.
pub(crate) async fn admit_always(
    admission: Admission,
    bus: Bus,
    shutdown: Shutdown,
) -> Result<(), BusError> {
    let prefetch = u16::try_from(MESSAGES_TOGETHER).unwrap_or(u16::MAX);
    let mut worker = bus.work::<GatesChanged>(prefetch).await?;
    drop(bus);
    loop {
        let batch = tokio::select! {
            biased;
            () = shutdown.draining() => return Ok(()),
            batch = worker.next_batch(MESSAGES_TOGETHER) => batch,
        };
        if batch.is_empty() {
            return Ok(());
        }
        let keys = batch
            .iter()
            .flat_map(|delivery| delivery.message.keys.clone())
            .collect();
        if let Err(error) = admission.admit(keys, admission.clock.now()).await {
            tracing::warn!("executions that wait for policies were not admitted: {error}");
        }
        for delivery in batch {
            delivery.done();
        }
    }
}

#[cfg(test)]
mod tests;
