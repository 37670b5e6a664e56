//! Keeps history in bounds, and makes room for what is to come.

use std::time::Duration;

use chrono::{DateTime, Utc};
use store::{Retention, Store, StoreError};

use crate::options::SchedulerOptions;

/// Drops what is older than the options keep, and makes the partitions of the coming days.
pub(crate) async fn keep_house(
    store: &Store,
    options: &SchedulerOptions,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    store.prepare_partitions(now).await?;
    let gone = store.apply_retention(&retention(options, now)).await?;
    store.remove_closed_gates().await?;
    if gone > 0 {
        tracing::info!(gone, "dropped old history");
    }
    Ok(())
}

fn retention(options: &SchedulerOptions, now: DateTime<Utc>) -> Retention {
    let before = |keep: Option<Duration>| {
        keep.and_then(|keep| now.checked_sub_signed(chrono::TimeDelta::from_std(keep).ok()?))
    };
    Retention {
        events_before: before(options.keep_events),
        executions_before: before(options.keep_executions),
        audit_before: before(options.keep_audit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::testing::{at, empty_store, execution};

    #[test]
    fn keeps_for_ever_unless_told_otherwise() {
        let kept = retention(&SchedulerOptions::default(), at(0));

        assert_eq!(
            (
                kept.events_before,
                kept.executions_before,
                kept.audit_before
            ),
            (None, None, None)
        );
    }

    #[tokio::test]
    async fn drops_old_executions_that_have_ended() {
        let (_folder, store) = empty_store().await;
        let (ended, open) = (execution(at(0)), execution(at(0)));
        store
            .request_executions(&[ended.clone(), open.clone()])
            .await
            .unwrap();
        let change = store::StatusChange {
            id: ended.id,
            expected: vec![model::ExecutionStatus::Requested],
            next: model::ExecutionStatus::Canceled,
            at: at(1),
            result: None,
            follow_ups: Vec::new(),
        };
        store.change_status(&change).await.unwrap().unwrap();
        let day = Duration::from_hours(24);
        let options = SchedulerOptions {
            keep_executions: Some(day),
            ..SchedulerOptions::default()
        };

        keep_house(&store, &options, at(2 * 86_400)).await.unwrap();

        assert!(store.execution(ended.id).await.unwrap().is_none());
        assert!(store.execution(open.id).await.unwrap().is_some());
    }
}
