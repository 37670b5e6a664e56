//! Executions on a real store and an in-process bus.

use std::sync::Arc;
use std::time::Duration;

use bus::{Announcement, Bus, BusOptions, ExecutionsRequested, Listener, News, Worker};
use intake::{Intake, IntakeOptions};
use lifecycle::{Clock, Tasks};
use model::{
    Action, ActionId, Execution, ExecutionContext, ExecutionStatus, IdSource, KeyScope, KeyValue,
    Lease, Object, PackConfig, Reference, RunnerInfo, RunnerType, built_in_runners,
};
use secrets::{MASK, Vault};
use serde_json::{Value, json};
use store::{Store, StoreOptions};

use super::*;

mod asking;
mod cancelling;
mod ending;
mod limits;
mod requesting;
mod steering;

struct World {
    store: Store,
    bus: Bus,
    vault: Vault,
    clock: Clock,
    ids: Arc<IdSource>,
    executions: Executions,
    _tasks: Tasks,
    _folder: tempfile::TempDir,
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, tasks, ids) = (Clock::system(), Tasks::default(), Arc::new(IdSource::new()));
        let store = Store::connect(&StoreOptions::Sqlite {
            path: folder.path().join("petrel.db"),
        })
        .await
        .unwrap();
        store.migrate(clock.now()).await.unwrap();
        for runner in built_in_runners().into_iter().filter(|runner| {
            ["noop", "local-shell-cmd", "orquesta", "inquirer"].contains(&&*runner.name)
        }) {
            let runner = RunnerType {
                uid: format!("runner_type:{}", runner.name),
                enabled: true,
                id: ids.next(clock.now()),
                name: runner.name,
                description: runner.description,
                runner_package: runner.runner_package,
                runner_module: runner.runner_module,
                runner_parameters: runner.runner_parameters,
                output_key: runner.output_key,
                output_schema: runner.output_schema,
            };
            store.save(runner).await.unwrap();
        }
        Self::on(folder, store, clock, ids, tasks).await
    }

    async fn on(
        folder: tempfile::TempDir,
        store: Store,
        clock: Clock,
        ids: Arc<IdSource>,
        tasks: Tasks,
    ) -> Self {
        let bus = Bus::connect(&BusOptions::InProcess, &tasks).await.unwrap();
        let vault = Vault::ephemeral();
        let options = IntakeOptions::default();
        let intake = Intake::start(
            store.clone(),
            bus.clone(),
            clock.clone(),
            Arc::clone(&ids),
            &tasks,
            options,
        )
        .await;
        let executions = Executions::new(
            store.clone(),
            bus.clone(),
            vault.clone(),
            clock.clone(),
            Arc::clone(&ids),
            intake.unwrap(),
        );
        Self {
            store,
            bus,
            vault,
            clock,
            ids,
            executions,
            _tasks: tasks,
            _folder: folder,
        }
    }

    fn action(&self, name: &str, parameters: Value) -> Action {
        Action {
            tags: Vec::new(),
            uid: format!("action:demo:{name}"),
            metadata_file: String::new(),
            name: name.to_owned(),
            action_ref: Reference::new("demo", name),
            description: None,
            enabled: true,
            entry_point: String::new(),
            pack: "demo".to_owned(),
            runner_type: "local-shell-cmd".to_owned(),
            parameters: object(parameters),
            output_schema: Object::new(),
            notify: Object::new(),
            id: self.ids.next::<ActionId>(self.clock.now()),
        }
    }

    /// Stores the action `demo.act`.
    async fn define(&self, parameters: Value) -> Action {
        self.store
            .save(self.action("act", parameters))
            .await
            .unwrap()
    }

    async fn request(&self, parameters: Value) -> Result<Execution, RequestError> {
        self.executions.request(request(parameters)).await
    }

    /// As a runner that wins the execution.
    async fn claim(&self, execution: &Execution) -> Execution {
        let now = self.clock.now();
        let lease = Lease {
            holder: "test:1:a".to_owned(),
            expires_at: now + Duration::from_mins(1),
        };
        let info = RunnerInfo {
            hostname: "test".to_owned(),
            pid: 1,
        };
        assert_eq!(
            self.store
                .claim_executions(&[execution.id], &lease, &info, now)
                .await
                .unwrap(),
            [execution.id]
        );
        let mut claimed = self.stored(execution).await;
        claimed.lease = Some(lease);
        claimed
    }

    async fn stored(&self, execution: &Execution) -> Execution {
        self.store.execution(execution.id).await.unwrap().unwrap()
    }

    async fn put_key(&self, scope: KeyScope, name: &str, value: &str) {
        let now = self.clock.now();
        let item = KeyValue {
            id: self.ids.next(now),
            scope,
            name: name.to_owned(),
            value: value.to_owned(),
            is_secret: false,
            expires_at: None,
            updated_at: now,
        };
        self.store.put_key(&item).await.unwrap();
    }
}

fn request(parameters: Value) -> ExecutionRequest {
    ExecutionRequest {
        action: "demo.act".to_owned(),
        parameters: object(parameters),
        context: ExecutionContext {
            user: "me".to_owned(),
            ..ExecutionContext::default()
        },
        delay: None,
        notify: Object::new(),
        variables: Vec::new(),
    }
}

/// The next execution that streams hear of.
async fn announced(listener: &mut Listener) -> Execution {
    loop {
        let News::Announcement(announcement) = listener.next().await.unwrap() else {
            continue;
        };
        if let Announcement::ExecutionCreated(execution)
        | Announcement::ExecutionUpdated(execution) = announcement
        {
            return *execution;
        }
    }
}
