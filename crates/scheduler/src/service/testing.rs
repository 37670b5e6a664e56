//! A store in a folder of its own, a bus, and things to put into them.

use std::sync::Arc;

use bus::{Bus, BusOptions};
use chrono::{DateTime, TimeDelta, Utc};
use executions::Executions;
use intake::{Intake, IntakeOptions};
use lifecycle::{Clock, Tasks};
use model::{Execution, ExecutionContext, ExecutionStatus, IdSource, LogEntry, Object};
use secrets::Vault;
use store::{Store, StoreOptions};
use tempfile::TempDir;

/// So many seconds after the new year.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
}

/// An empty store; it lasts as long as its folder.
pub(crate) async fn empty_store() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::connect(&StoreOptions::Sqlite {
        path: folder.path().join("petrel.db"),
    })
    .await
    .unwrap();
    store.migrate(at(0)).await.unwrap();
    (folder, store)
}

/// What a scheduler works with, its time moved by hand.
pub(crate) struct Engine {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) executions: Executions,
    pub(crate) intake: Intake,
    pub(crate) clock: Clock,
    pub(crate) tasks: Tasks,
    pub(crate) _folder: TempDir,
}

pub(crate) async fn engine(now: DateTime<Utc>) -> Engine {
    let (folder, store) = empty_store().await;
    let (clock, tasks, ids) = (
        Clock::manual(now),
        Tasks::default(),
        Arc::new(IdSource::new()),
    );
    let bus = Bus::connect(&BusOptions::InProcess, &Tasks::default())
        .await
        .unwrap();
    let options = IntakeOptions::default();
    let intake = Intake::start(
        store.clone(),
        bus.clone(),
        clock.clone(),
        Arc::clone(&ids),
        &tasks,
        options,
    );
    let intake = intake.await.unwrap();
    let vault = Vault::ephemeral();
    let executions = Executions::new(
        store.clone(),
        bus.clone(),
        vault,
        clock.clone(),
        ids,
        intake.clone(),
    );
    Engine {
        store,
        bus,
        executions,
        intake,
        clock,
        tasks,
        _folder: folder,
    }
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
        context: ExecutionContext {
            user: "me".into(),
            pack: "core".into(),
            ..ExecutionContext::default()
        },
        start_timestamp: now,
        end_timestamp: None,
        delay_ms: None,
        result: None,
        result_size: None,
        log: vec![LogEntry {
            timestamp: now,
            status: ExecutionStatus::Requested,
        }],
        runner_info: None,
        notify: Object::new(),
        lease: None,
        gates: Vec::new(),
    }
}
