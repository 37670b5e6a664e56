//! A store in a folder of its own, a bus, and things to put into them.

use bus::{Bus, BusOptions};
use chrono::{DateTime, TimeDelta, Utc};
use lifecycle::Tasks;
use model::{Execution, ExecutionContext, ExecutionStatus, IdSource, LogEntry, Object};
use store::{Store, StoreOptions};
use tempfile::TempDir;

/// So many seconds after the new year.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
}

/// An empty store; it lasts as long as its folder.
pub(crate) async fn empty_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::connect(&StoreOptions::Sqlite { path: folder.path().join("petrel.db") }).await.unwrap();
    store.migrate(at(0)).await.unwrap();
    (folder, store)
}

pub(crate) async fn in_process_bus() -> Bus {
    Bus::connect(&BusOptions::InProcess, &Tasks::default()).await.unwrap()
}

/// An execution that was just requested.
pub(crate) fn execution(now: DateTime<Utc>) -> Execution {
    Execution {
        id: IdSource::new().next(now),
        action_ref: "core.local".parse().unwrap(),
        runner: "local-shell-cmd".to_owned(),
        snapshot: "s".to_owned(),
        status: ExecutionStatus::Requested,
        parameters: Object::new(),
        context: ExecutionContext { user: "me".into(), pack: "core".into(), ..ExecutionContext::default() },
        start_timestamp: now,
        end_timestamp: None,
        delay_ms: None,
        result: None,
        result_size: None,
        log: vec![LogEntry { timestamp: now, status: ExecutionStatus::Requested }],
        runner_info: None,
        notify: Object::new(),
        lease: None,
    }
}
