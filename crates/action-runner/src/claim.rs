//! Wins executions in the store, and tells the streams that they run.

use std::sync::Arc;
use std::time::Duration;

use bus::{Announcement, Bus, News};
use chrono::{DateTime, Utc};
use lifecycle::Shutdown;
use model::{Execution, ExecutionId, ExecutionStatus, Lease, LogEntry, RunnerInfo};
use store::{StatusChange, StoreError};

use crate::held::{Held, Signal};
use crate::keeper::lease;
use crate::run::{Workbench, chain};

/// The first pause before a claim is tried again; it doubles up to `LONGEST_PAUSE`.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Claims for one holder.
#[derive(Debug, Clone)]
pub(crate) struct Claimer {
    pub(crate) bench: Arc<Workbench>,
    pub(crate) bus: Bus,
    pub(crate) held: Held,
    pub(crate) holder: String,
}

impl Claimer {
    /// Wins what can be won, and tells the streams; repeats while the database is away. `None` once draining began:
    /// then nothing was claimed and nothing may be acknowledged.
    pub(crate) async fn claim(
        &self,
        executions: Vec<Execution>,
        shutdown: &Shutdown,
    ) -> Option<Vec<(Execution, Signal)>> {
        // Expected before they are claimed, so that no cancellation is missed in between.
        let wanted: Vec<Execution> = executions
            .into_iter()
            .filter(|one| self.held.expect(one.id))
            .collect();
        let ids: Vec<ExecutionId> = wanted.iter().map(|execution| execution.id).collect();
        if ids.is_empty() {
            return Some(Vec::new());
        }
        let Some((winners, lease, now)) = self.win(&ids, shutdown).await else {
            self.held.forget(ids);
            return None;
        };
        self.held
            .forget(ids.into_iter().filter(|id| !winners.contains(id)));
        let mut won = Vec::with_capacity(winners.len());
        for execution in wanted.into_iter().filter(|one| winners.contains(&one.id)) {
            let execution = running(execution, &lease, &self.bench.info, now);
            self.tell(&execution).await;
            won.extend(
                self.held
                    .confirm(execution.id)
                    .map(|signal| (execution, signal)),
            );
        }
        Some(won)
    }

    async fn win(
        &self,
        ids: &[ExecutionId],
        shutdown: &Shutdown,
    ) -> Option<(Vec<ExecutionId>, Lease, DateTime<Utc>)> {
        let bench = &self.bench;
        let (mut pause, mut is_unsure) = (FIRST_PAUSE, false);
        loop {
            let now = bench.clock.now();
            let lease = lease(&self.holder, now, bench.options.lease);
            match self.try_to_win(ids, &lease, now, is_unsure).await {
                Ok(winners) => return Some((winners, lease, now)),
                Err(error) => {
                    is_unsure = true;
                    tracing::warn!(
                        executions = ids.len(),
                        "executions were not claimed: {}",
                        chain(&error)
                    );
                }
            }
            if !shutdown.sleep(pause).await {
                return None;
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One try. Where an earlier one failed (`is_unsure`), perhaps only its answer was lost: then what it won is ours,
    /// and nobody else would run it. None of `ids` is held here otherwise.
    pub(crate) async fn try_to_win(
        &self,
        ids: &[ExecutionId],
        lease: &Lease,
        now: DateTime<Utc>,
        is_unsure: bool,
    ) -> Result<Vec<ExecutionId>, StoreError> {
        let Workbench { store, info, .. } = &*self.bench;
        let mut winners = store.claim_executions(ids, lease, info, now).await?;
        if is_unsure {
            let held = store.renew_leases(ids, lease).await?.into_iter();
            winners.extend(held.map(|(id, _)| id));
            winners.sort_unstable();
            winners.dedup();
        }
        Ok(winners)
    }

    /// Marks executions as delayed; the scheduler announces them when they are due.
    pub(crate) async fn postpone(&self, delayed: Vec<Execution>) {
        for execution in delayed
            .into_iter()
            .filter(|one| one.status == ExecutionStatus::Requested)
        {
            let change = StatusChange {
                id: execution.id,
                expected: vec![ExecutionStatus::Requested],
                next: ExecutionStatus::Delayed,
                at: self.bench.clock.now(),
                result: None,
                follow_ups: Vec::new(),
            };
            match self.bench.store.change_status(&change).await {
                Ok(Some(changed)) => self.tell(&changed).await,
                Ok(None) => {}
                Err(error) => {
                    // As `requested` it is found by a sweep once it is due.
                    tracing::warn!(execution.id = %execution.id, "not marked as delayed: {}", chain(&error));
                }
            }
        }
    }

    /// What nobody claimed though it could have been for a while.
    pub(crate) async fn unclaimed(&self) -> Vec<Execution> {
        let (bench, options) = (&self.bench, &self.bench.options);
        let before = bench.clock.now() - options.sweep_after;
        let unclaimed = bench
            .store
            .unclaimed_executions(before, options.sweep_limit)
            .await;
        unclaimed.unwrap_or_else(|error| {
            tracing::warn!(
                "unclaimed executions were not looked for: {}",
                chain(&error)
            );
            Vec::new()
        })
    }

    /// Tells the streams of an execution's new state.
    async fn tell(&self, execution: &Execution) {
        if !self.bus.has_audience() {
            return;
        }
        // Without its snapshot nobody knows what to mask: then nothing is told.
        if let Ok(Some(snapshot)) = self.bench.store.snapshot(&execution.snapshot).await {
            let mut execution = execution.clone();
            executions::mask_result(&mut execution, &snapshot);
            self.bus
                .tell(News::Announcement(Announcement::ExecutionUpdated(
                    Box::new(execution),
                )));
        }
    }
}

/// An execution as the claim has made it.
fn running(
    mut execution: Execution,
    lease: &Lease,
    info: &RunnerInfo,
    now: DateTime<Utc>,
) -> Execution {
    if execution.status != ExecutionStatus::Scheduled {
        execution.log.push(LogEntry {
            timestamp: now,
            status: ExecutionStatus::Scheduled,
        });
    }
    execution.log.push(LogEntry {
        timestamp: now,
        status: ExecutionStatus::Running,
    });
    execution.status = ExecutionStatus::Running;
    execution.lease = Some(lease.clone());
    execution.runner_info = Some(info.clone());
    execution
}
