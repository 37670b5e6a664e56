//! Conversations with processes that behave badly, on a real store and an in-process bus.

use std::path::PathBuf;
use std::sync::Arc;

use bus::{Bus, BusOptions};
use chrono::{DateTime, Utc};
use executions::{Executions, PackFolders};
use futures::FutureExt;
use intake::IntakeOptions;
use lifecycle::{Clock, Tasks};
use model::IdSource;
use python_worker::Interpreter;
use secrets::Vault;
use store::{Store, StoreOptions};
use tokio::sync::watch;

use super::*;
use crate::SensorOptions;
use crate::process::Program;
use crate::report::Report;
use crate::service::SensorResources;

/// What every script begins with: `say` sends frames.
const HEAD: &str = r#"
import json, os, struct, time

def frames(*all):
    texts = [json.dumps(one).encode() for one in all]
    return b"".join(struct.pack(">I", len(text)) + text for text in texts)

def say(*all):
    data = frames(*all)
    while data:
        data = data[os.write(0, data):]
"#;

/// What a conversation stands on.
struct World {
    resources: SensorResources,
    options: SensorOptions,
    report: Report,
    tenure: watch::Sender<DateTime<Utc>>,
    orders: Orders,
    has_started: CancellationToken,
    folder: tempfile::TempDir,
    _tasks: Tasks,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, tasks, ids) = (Clock::system(), Tasks::default(), Arc::new(IdSource::new()));
        let path = folder.path().join("petrel.db");
        let store = Store::connect(&StoreOptions::Sqlite { path })
            .await
            .unwrap();
        store.migrate(clock.now()).await.unwrap();
        let bus = Bus::connect(&BusOptions::InProcess, &tasks).await.unwrap();
        let intake = Intake::start(
            store.clone(),
            bus.clone(),
            clock.clone(),
            Arc::clone(&ids),
            &tasks,
            IntakeOptions::default(),
        );
        let (intake, vault) = (intake.await.unwrap(), Vault::ephemeral());
        let executions = Executions::new(
            store.clone(),
            bus.clone(),
            vault.clone(),
            clock.clone(),
            Arc::clone(&ids),
            intake.clone(),
        );
        let tenure = watch::Sender::new(clock.now() + Duration::from_hours(1));
        Self {
            report: Report::new(clock.clone(), "p.Watch", "holder", "host"),
            resources: SensorResources {
                folders: PackFolders::new(store.clone()),
                store,
                bus,
                intake,
                executions,
                vault,
                clock,
                ids,
            },
            options: SensorOptions {
                stop_grace: Duration::from_millis(100),
                ..SensorOptions::default()
            },
            tenure,
            orders: Orders::default(),
            has_started: CancellationToken::new(),
            folder,
            _tasks: tasks,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Holds a conversation with this script.
    async fn hold(&self, script: &str) -> Result<Left, ProcessError> {
        let worker = self.file("worker.py");
        std::fs::write(&worker, format!("{HEAD}\n{script}")).unwrap();
        let interpreter = Interpreter::of_virtualenv(None, &self.options.pythons).await;
        let program = Program {
            sensor_ref: "p.Watch",
            interpreter: &interpreter,
            worker: &worker,
            pack_folder: self.folder.path(),
        };
        let (process, streams) = Process::start(&program, &self.options).unwrap();
        let sensor = json!({
            "uid": "", "ref": "p.Watch", "name": "Watch", "pack": "p", "artifact_uri": "", "entry_point": "",
            "enabled": true, "id": format!("{:024x}", 1),
        });
        let sensor = serde_json::from_value(sensor).unwrap();
        let (tenure, masking) = (self.tenure.subscribe(), Masking::default());
        let conversation = Conversation {
            sensor: &sensor,
            calls: self.calls(&tenure),
            masking: &masking,
            orders: &self.orders,
            has_started: &self.has_started,
            stop_grace: self.options.stop_grace,
            told: Told::default(),
            intake: self.resources.intake.clone(),
        };
        conversation.hold(process, streams).await
    }

    fn calls<'a>(&'a self, tenure: &'a watch::Receiver<DateTime<Utc>>) -> Calls<'a> {
        Calls {
            sensor_ref: "p.Watch",
            resources: &self.resources,
            report: &self.report,
            tenure,
            is_lost: &self.orders.kill,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_floods_us_with_words_is_stopped_all_the_same() {
    let world = World::new().await;
    let script = r#"
say({"state": "running"})
flood = frames(*[{"log": "DEBUG", "logger": "x", "message": "again"}] * 1000)
while True:
    os.write(0, flood)
"#;
    let stop = async {
        world.has_started.cancelled().await;
        world.orders.stop.cancel();
    };

    let (left, ()) = tokio::join!(world.hold(script), stop);

    let left = left.unwrap();
    assert!(left.was_stopped);
    assert_eq!(left.code, -15);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_closes_its_pipe_and_goes_on_is_ended() {
    let world = World::new().await;

    let left = world.hold("os.close(0)\ntime.sleep(600)").await.unwrap();

    let expected = Left {
        code: -9,
        error: Some("its process has closed its pipe to the engine, and went on".to_owned()),
        was_stopped: false,
    };
    assert_eq!(left, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_reads_nothing_is_not_waited_for_when_another_process_has_it() {
    let world = World::new().await;
    // The answer names the call, so it is far too long for the pipe.
    let script = r#"
say({"id": 1, "call": "x" * (8 << 20), "given": {}})
os.read(0, 4)
open(os.path.join(os.path.dirname(__file__), "reads_no_more"), "w").close()
time.sleep(600)
"#;
    let kill = async {
        while !world.file("reads_no_more").exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        world.orders.kill.cancel();
    };

    let (left, ()) = tokio::join!(world.hold(script), kill);

    let left = left.unwrap();
    assert!(left.was_stopped);
    assert_eq!(left.code, -9);
}

#[tokio::test]
async fn nothing_is_done_for_one_that_another_process_has() {
    let world = World::new().await;
    let tenure = world.tenure.subscribe();
    let (calls, given) = (world.calls(&tenure), Object::new());
    assert!(calls.answer(1, "user", &given).now_or_never().is_some());

    world.orders.kill.cancel();

    assert!(calls.answer(1, "user", &given).now_or_never().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_has_all_items_however_many() {
    let world = World::new().await;
    let tenure = world.tenure.subscribe();
    let calls = world.calls(&tenure);
    for number in 0..1001 {
        let given = json!({"name": format!("n{number}"), "value": "v", "scope": "system"});
        calls.answer(1, "set", given.as_object().unwrap()).await;
    }

    let told = calls.answer(2, "list", &Object::new()).await;

    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["value"].as_array().unwrap().len(), 1001);
}
