//! Ends what nobody runs any more: executions of runners that are lost, and cancellations that nobody carries out.

use std::collections::BTreeMap;

use bus::{Announcement, Bus, News};
use chrono::{DateTime, SecondsFormat, Utc};
use model::{Execution, ExecutionId, ExecutionStatus, Page};
use store::{ExecutionFilter, StatusChange, Store, StoreError};

use crate::options::SchedulerOptions;

/// Looks for lost executions.
#[derive(Debug)]
pub(crate) struct Recovery {
    store: Store,
    bus: Bus,
    options: SchedulerOptions,
    /// The database did not answer the last time: runners could not renew their leases either.
    was_away: bool,
    /// Until then leases are let be.
    settled_at: Option<DateTime<Utc>>,
}

impl Recovery {
    pub(crate) fn new(store: Store, bus: Bus, options: SchedulerOptions) -> Self {
        Self { store, bus, options, was_away: false, settled_at: None }
    }

    /// Ends what is lost; returns how many executions were ended.
    pub(crate) async fn run(&mut self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let expired = self.store.expired_leases(now, self.options.batch).await;
        let Some(expired) = self.once_settled(expired, now)? else { return Ok(0) };
        let (canceling, lost): (Vec<_>, Vec<_>) =
            expired.into_iter().partition(|execution| execution.status == ExecutionStatus::Canceling);
        let mut ended = Vec::new();
        for (reason, ids) in by_reason(&lost) {
            ended.extend(self.store.abandon_expired(&ids, now, &reason).await?);
        }
        if !ended.is_empty() {
            tracing::warn!(executions = ended.len(), "abandoned the executions of runners that were lost");
        }
        for execution in canceling.iter().chain(&self.forsaken().await?) {
            ended.extend(self.cancel(execution.id, now).await?);
        }
        self.tell(&ended).await;
        Ok(ended.len())
    }

    /// Holds recovery back for a while after the database was away.
    fn once_settled(
        &mut self,
        expired: Result<Vec<Execution>, StoreError>,
        now: DateTime<Utc>,
    ) -> Result<Option<Vec<Execution>>, StoreError> {
        let expired = expired.inspect_err(|_| self.was_away = true)?;
        if std::mem::take(&mut self.was_away) {
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
        let page = Page { limit: self.options.batch, offset: 0 };
        let canceling = self.store.executions(&filter, page).await?.items;
        Ok(canceling.into_iter().filter(|execution| execution.lease.is_none()).collect())
    }

    /// What was to be cancelled, is; its result says by whom already.
    async fn cancel(&self, id: ExecutionId, now: DateTime<Utc>) -> Result<Option<Execution>, StoreError> {
        let expected = vec![ExecutionStatus::Canceling];
        let next = ExecutionStatus::Canceled;
        self.store.change_status(&StatusChange { id, expected, next, at: now, result: None }).await
    }

    async fn tell(&self, ended: &[Execution]) {
        for execution in ended {
            // Without its snapshot nobody knows what to mask: then the streams are told nothing.
            let Ok(Some(snapshot)) = self.store.snapshot(&execution.snapshot).await else { continue };
            let mut shown = execution.clone();
            executions::mask_result(&mut shown, &snapshot);
            self.bus.tell(News::Announcement(Announcement::ExecutionUpdated(Box::new(shown))));
        }
    }
}

/// Lost executions by what there is to say about them.
fn by_reason(lost: &[Execution]) -> BTreeMap<String, Vec<ExecutionId>> {
    let mut reasons: BTreeMap<String, Vec<ExecutionId>> = BTreeMap::new();
    for execution in lost {
        reasons.entry(reason(execution)).or_default().push(execution.id);
    }
    reasons
}

fn reason(execution: &Execution) -> String {
    let runner = execution.runner_info.as_ref().map_or_else(
        || "its runner".to_owned(),
        |info| format!("runner {} (pid {})", info.hostname, info.pid),
    );
    let expiry = execution.lease.as_ref().map_or_else(String::new, |lease| {
        format!(": its lease expired at {}", lease.expires_at.to_rfc3339_opts(SecondsFormat::Millis, true))
    });
    format!("{runner} was lost{expiry}")
}

#[cfg(test)]
mod tests {
    use model::{Lease, RunnerInfo};
    use serde_json::json;

    use super::*;
    use crate::service::testing::{at, empty_store, execution, in_process_bus};

    async fn running(store: &Store, until: i64) -> ExecutionId {
        let requested = execution(at(0));
        store.request_executions(std::slice::from_ref(&requested)).await.unwrap();
        let lease = Lease { holder: "host:1:a".to_owned(), expires_at: at(until) };
        let info = RunnerInfo { hostname: "host".to_owned(), pid: 7 };
        assert_eq!(store.claim_executions(&[requested.id], &lease, &info, at(0)).await.unwrap().len(), 1);
        requested.id
    }

    async fn cancelling(store: &Store, id: ExecutionId) {
        let expected = vec![ExecutionStatus::Running, ExecutionStatus::Requested];
        let result = Some(json!({ "message": "Action canceled by user.", "user": "me" }));
        let change = StatusChange { id, expected, next: ExecutionStatus::Canceling, at: at(1), result };
        store.change_status(&change).await.unwrap().unwrap();
    }

    async fn now_is(store: &Store, id: ExecutionId) -> Execution {
        store.execution(id).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn abandons_the_executions_of_a_lost_runner_and_says_why() {
        let (_folder, store) = empty_store().await;
        let (lost, alive) = (running(&store, 10).await, running(&store, 30).await);
        let mut recovery = Recovery::new(store.clone(), in_process_bus().await, SchedulerOptions::default());

        assert_eq!(recovery.run(at(9)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(11)).await.unwrap(), 1);

        let lost = now_is(&store, lost).await;
        assert_eq!(lost.status, ExecutionStatus::Abandoned);
        let reason = "runner host (pid 7) was lost: its lease expired at 2026-01-01T00:00:10.000Z";
        assert_eq!(lost.result, Some(json!({ "error": reason })));
        assert_eq!(now_is(&store, alive).await.status, ExecutionStatus::Running);
    }

    #[tokio::test]
    async fn cancels_what_nobody_will_cancel() {
        let (_folder, store) = empty_store().await;
        let lost = running(&store, 10).await;
        cancelling(&store, lost).await;
        let unclaimed = execution(at(0));
        store.request_executions(std::slice::from_ref(&unclaimed)).await.unwrap();
        cancelling(&store, unclaimed.id).await;
        let mut recovery = Recovery::new(store.clone(), in_process_bus().await, SchedulerOptions::default());

        assert_eq!(recovery.run(at(11)).await.unwrap(), 2);

        for id in [lost, unclaimed.id] {
            let canceled = now_is(&store, id).await;
            assert_eq!(canceled.status, ExecutionStatus::Canceled);
            assert_eq!(canceled.result.unwrap()["user"], "me");
        }
    }

    #[tokio::test]
    async fn leaves_a_cancellation_to_the_runner_that_is_alive() {
        let (_folder, store) = empty_store().await;
        let id = running(&store, 30).await;
        cancelling(&store, id).await;
        let mut recovery = Recovery::new(store.clone(), in_process_bus().await, SchedulerOptions::default());

        assert_eq!(recovery.run(at(11)).await.unwrap(), 0);

        assert_eq!(now_is(&store, id).await.status, ExecutionStatus::Canceling);
    }

    #[tokio::test]
    async fn gives_runners_time_to_renew_after_the_database_was_away() {
        let (_folder, store) = empty_store().await;
        running(&store, 10).await;
        let mut recovery = Recovery::new(store, in_process_bus().await, SchedulerOptions::default());
        recovery.was_away = true;

        assert_eq!(recovery.run(at(60)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(69)).await.unwrap(), 0);
        assert_eq!(recovery.run(at(70)).await.unwrap(), 1);
    }
}
