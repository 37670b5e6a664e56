//! Ends what nobody runs any more: executions of runners that are lost, and cancellations that nobody carries out.

use bus::{Announcement, Bus, News};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use executions::{Executions, Outcome};
use model::{Execution, ExecutionId, ExecutionStatus, Page};
use serde_json::json;
use store::{ExecutionFilter, StatusChange, Store, StoreError};

use crate::options::SchedulerOptions;
use crate::repeats;

/// Looks for lost executions.
#[derive(Debug)]
pub(crate) struct Recovery {
    store: Store,
    bus: Bus,
    executions: Executions,
    options: SchedulerOptions,
    /// The database did not answer the last time: runners could not renew their leases either.
    was_away: bool,
    /// When leases were looked at last.
    looked_at: Option<DateTime<Utc>>,
    /// Until then leases are let be.
    settled_at: Option<DateTime<Utc>>,
}

impl Recovery {
    pub(crate) fn new(
        store: Store,
        bus: Bus,
        executions: Executions,
        options: SchedulerOptions,
    ) -> Self {
        Self {
            store,
            bus,
            executions,
            options,
            was_away: false,
            looked_at: None,
            settled_at: None,
        }
    }

    /// The database did not answer somebody else here.
    pub(crate) fn database_was_away(&mut self) {
        self.was_away = true;
    }

    /// Ends what is lost; returns how many executions were found lost.
    pub(crate) async fn run(&mut self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let expired = self.store.expired_leases(now, self.options.batch).await;
        let Some(expired) = self.once_settled(expired, now)? else {
            return Ok(0);
        };
        let forsaken = self.forsaken().await?;
        let count = expired.len() + forsaken.len();
        crate::metrics::lost(expired.len());
        let (harmless, expired): (Vec<_>, Vec<_>) = expired.into_iter().partition(may_run_twice);
        self.request_again(&harmless, now).await?;
        if !expired.is_empty() {
            tracing::warn!(
                executions = expired.len(),
                "ending the executions of runners that were lost"
            );
            // As a runner does it: whoever holds an execution now ends it, so that a late runner changes nothing.
            self.end(expired.into_iter().map(end_of).collect()).await;
        }
        for execution in forsaken {
            self.cancel(execution.id, now).await?;
        }
        Ok(count)
    }

    /// Lets others run what does no harm if it ran already.
    async fn request_again(
        &self,
        lost: &[Execution],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let ids: Vec<ExecutionId> = lost.iter().map(|execution| execution.id).collect();
        let again = self.store.request_again(&ids, now).await?;
        if !again.is_empty() {
            tracing::info!(
                executions = again.len(),
                "requesting again what runners were lost with that does nothing"
            );
            for execution in &again {
                self.executions.tell_state(execution);
            }
            repeats::announce(&self.executions, again);
        }
        Ok(())
    }

    /// Stores ends together; if that is refused, each alone, so that a bad one keeps no other from its end.
    async fn end(&self, outcomes: Vec<Outcome>) {
        let Err(error) = self.executions.finish(outcomes.clone()).await else {
            return;
        };
        tracing::warn!("lost executions were not ended together, trying each alone: {error}");
        for outcome in outcomes {
            let id = outcome.execution.id;
            if let Err(error) = self.executions.finish(vec![outcome]).await {
                tracing::error!(execution.id = %id, "a lost execution cannot be ended: {error}");
            }
        }
    }

    /// Holds recovery back for a while after the database was away. It was, too, where the last look is long ago: what
    /// was asked of it meanwhile took that long.
    fn once_settled(
        &mut self,
        expired: Result<Vec<Execution>, StoreError>,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<Execution>>, StoreError> {
        let expired = expired.inspect_err(|_| self.was_away = true)?;
        let before = self.looked_at.replace(now);
        let is_late = self.settled_at.is_none()
            && before.is_some_and(|before| now - before > late_after(&self.options));
        if std::mem::take(&mut self.was_away) || is_late {
            self.settled_at = Some(now + self.options.settle);
        }
        if self.settled_at.is_some_and(|settled_at| now < settled_at) {
            return Ok(None);
        }
        self.settled_at = None;
        Ok(Some(expired))
    }

    /// Executions that are being cancelled, but which nobody holds.
    async fn forsaken(&self) -> Result<Vec<Execution>, StoreError> {
        let filter = ExecutionFilter {
            statuses: Some(vec![ExecutionStatus::Canceling]),
            oldest_first: true,
            ..ExecutionFilter::default()
        };
        let page = Page {
            limit: self.options.batch,
            offset: 0,
        };
        let canceling = self.store.executions(&filter, page).await?.items;
        Ok(canceling
            .into_iter()
            .filter(|execution| {
                execution.lease.is_none() && !model::is_conducted(&execution.runner)
            })
            .collect())
    }

    /// What was to be cancelled, is; its result says by whom already.
    async fn cancel(&self, id: ExecutionId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let expected = vec![ExecutionStatus::Canceling];
        let change = StatusChange {
            id,
            expected,
            next: ExecutionStatus::Canceled,
            at: now,
            result: None,
            follow_ups: Vec::new(),
        };
        if let Some(mut canceled) = self.store.change_status(&change).await?
            // Without its snapshot nobody knows what to mask: then the streams are told nothing.
            && let Some(snapshot) = self.store.snapshot(&canceled.snapshot).await?
        {
            executions::mask_result(&mut canceled, &snapshot);
            self.bus
                .tell(News::Announcement(Announcement::ExecutionUpdated(
                    Box::new(canceled),
                )));
        }
        Ok(())
    }
}

/// After so long without a look runners may have lost leases though they are alive.
fn late_after(options: &SchedulerOptions) -> TimeDelta {
    let longest = options.look_every + options.settle / 2;
    TimeDelta::from_std(longest).unwrap_or(TimeDelta::MAX)
}

/// Whether it does nothing, so that running it once more changes nothing.
fn may_run_twice(execution: &Execution) -> bool {
    execution.runner == "noop" && execution.status == ExecutionStatus::Running
}

/// How a lost execution ends: as cancelled, if that was wanted; else as abandoned, with the reason.
fn end_of(execution: Execution) -> Outcome {
    if execution.status == ExecutionStatus::Canceling {
        let result = execution
            .result
            .clone()
            .unwrap_or_else(|| json!({ "message": "Action canceled by user." }));
        return Outcome {
            execution,
            status: ExecutionStatus::Canceled,
            result,
        };
    }
    let result = json!({ "error": reason(&execution) });
    Outcome {
        execution,
        status: ExecutionStatus::Abandoned,
        result,
    }
}

fn reason(execution: &Execution) -> String {
    let runner = execution.runner_info.as_ref().map_or_else(
        || "its runner".to_owned(),
        |info| format!("runner {} (pid {})", info.hostname, info.pid),
    );
    let expiry = execution.lease.as_ref().map_or_else(String::new, |lease| {
        format!(
            ": its lease expired at {}",
            lease
                .expires_at
                .to_rfc3339_opts(SecondsFormat::Millis, true)
        )
    });
    format!("{runner} was lost{expiry}")
}

#[cfg(test)]
mod tests {
    use bus::ExecutionsRequested;
    use model::{Lease, RunnerInfo};

    use super::*;
    use crate::service::testing::{Engine, at, engine, execution};

    fn recovery(engine: &Engine) -> Recovery {
        let Engine {
            store,
            bus,
            executions,
            ..
        } = engine;
        Recovery::new(
            store.clone(),
            bus.clone(),
            executions.clone(),
            SchedulerOptions::default(),
        )
    }

    async fn running(store: &Store, until: i64) -> ExecutionId {
        running_as(store, execution(at(0)), until).await
    }

    async fn running_as(store: &Store, requested: Execution, until: i64) -> ExecutionId {
        store
            .request_executions(std::slice::from_ref(&requested))
            .await
            .unwrap();
        let lease = Lease {
            holder: "host:1:a".to_owned(),
            expires_at: at(until),
        };
        let info = RunnerInfo {
            hostname: "host".to_owned(),
            pid: 7,
        };
        assert_eq!(
            store
                .claim_executions(&[requested.id], &lease, &info, at(0))
                .await
                .unwrap()
                .len(),
            1
        );
        requested.id
    }

    async fn cancelling(store: &Store, id: ExecutionId) {
        let expected = vec![ExecutionStatus::Running, ExecutionStatus::Requested];
        let result = Some(json!({ "message": "Action canceled by user.", "user": "me" }));
        let change = StatusChange {
            id,
            expected,
            next: ExecutionStatus::Canceling,
            at: at(1),
            result,
            follow_ups: Vec::new(),
        };
        store.change_status(&change).await.unwrap().unwrap();
    }

    async fn now_is(store: &Store, id: ExecutionId) -> Execution {
        store.execution(id).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn abandons_the_executions_of_a_lost_runner_and_says_why() {
        let engine = engine(at(0)).await;
        let store = &engine.store;
        let (lost, alive) = (running(store, 10).await, running(store, 30).await);
        let mut recovery = recovery(&engine);

        assert_eq!(recovery.run(at(9)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(11)).await.unwrap(), 1);

        let lost = now_is(store, lost).await;
        assert_eq!(lost.status, ExecutionStatus::Abandoned);
        let reason = "runner host (pid 7) was lost: its lease expired at 2026-01-01T00:00:10.000Z";
        assert_eq!(lost.result, Some(json!({ "error": reason })));
        assert_eq!(now_is(store, alive).await.status, ExecutionStatus::Running);
    }

    #[tokio::test]
    async fn lets_another_runner_run_what_does_nothing() {
        let engine = engine(at(0)).await;
        let store = &engine.store;
        let mut noop = execution(at(0));
        noop.runner = "noop".to_owned();
        let id = running_as(store, noop, 10).await;
        let mut runners = engine.bus.work::<ExecutionsRequested>(10).await.unwrap();
        let mut recovery = recovery(&engine);

        assert_eq!(recovery.run(at(11)).await.unwrap(), 1);

        let again = now_is(store, id).await;
        assert_eq!(again.status, ExecutionStatus::Requested);
        let last = again.log.last().unwrap();
        assert_eq!(
            (last.status, last.timestamp),
            (ExecutionStatus::Requested, at(11))
        );
        let told = runners.next().await.unwrap().message.executions.clone();
        assert_eq!(told, [again]);
    }

    #[tokio::test]
    async fn cancels_what_nobody_will_cancel() {
        let engine = engine(at(0)).await;
        let store = &engine.store;
        let lost = running(store, 10).await;
        cancelling(store, lost).await;
        let unclaimed = execution(at(0));
        store
            .request_executions(std::slice::from_ref(&unclaimed))
            .await
            .unwrap();
        cancelling(store, unclaimed.id).await;
        let mut recovery = recovery(&engine);

        assert_eq!(recovery.run(at(11)).await.unwrap(), 2);

        for id in [lost, unclaimed.id] {
            let canceled = now_is(store, id).await;
            assert_eq!(canceled.status, ExecutionStatus::Canceled);
            assert_eq!(canceled.result.unwrap()["user"], "me");
        }
    }

    #[tokio::test]
    async fn leaves_a_cancellation_to_the_runner_that_is_alive() {
        let engine = engine(at(0)).await;
        let store = &engine.store;
        let id = running(store, 30).await;
        cancelling(store, id).await;
        let mut recovery = recovery(&engine);

        assert_eq!(recovery.run(at(11)).await.unwrap(), 0);

        assert_eq!(now_is(store, id).await.status, ExecutionStatus::Canceling);
    }

    #[tokio::test]
    async fn gives_runners_time_to_renew_after_the_database_was_away() {
        let engine = engine(at(0)).await;
        let store = &engine.store;
        running(store, 10).await;
        let mut recovery = recovery(&engine);
        recovery.was_away = true;

        assert_eq!(recovery.run(at(60)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(69)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(70)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn gives_runners_time_to_renew_where_the_last_look_is_long_ago() {
        let engine = engine(at(0)).await;
        let store = &engine.store;
        running(store, 10).await;
        let mut recovery = recovery(&engine);

        assert_eq!(recovery.run(at(5)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(30)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(37)).await.unwrap(), 0);
        // Looks that always come late hold recovery back once, not for ever.
        assert_eq!(recovery.run(at(44)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn gives_runners_time_where_the_database_did_not_say_who_leads() {
        let engine = engine(at(0)).await;
        running(&engine.store, 10).await;
        let mut recovery = recovery(&engine);

        recovery.database_was_away();

        assert_eq!(recovery.run(at(30)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(40)).await.unwrap(), 1);
    }
}
