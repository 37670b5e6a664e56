//! A store and a bus with workflows on them, and a runner that is moved by hand.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, BusOptions, ExecutionsRequested, Listener, Worker};
use chrono::{DateTime, Utc};
use executions::{ExecutionRequest, Executions, Outcome, PackFolders, Responder};
use intake::{Intake, IntakeOptions};
use lifecycle::{Clock, Shutdown, Tasks};
use model::{
    Action, ActionId, Execution, ExecutionContext, ExecutionId, ExecutionStatus, IdSource, Lease,
    LogEntry, Object, Pack, PackId, Policy, PolicyId, Reference, RunnerInfo, RunnerType,
    built_in_runners,
};
use secrets::Vault;
use serde_json::{Value, json};
use store::{StatusChange, Store, StoreOptions, WorkflowStep};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::definitions::Definitions;
use crate::effects::Event;
use crate::flow::Flow;
use crate::surroundings::Bench;
use crate::{WorkflowOptions, WorkflowResources, start};

/// Longer than anything here takes; what has not come by then never comes.
const AT_MOST: Duration = Duration::from_secs(30);

pub(crate) fn execution(action: &str, runner: &str) -> Execution {
    let at = new_year();
    Execution {
        id: IdSource::new().next(at),
        action_ref: action.parse().unwrap(),
        runner: runner.to_owned(),
        snapshot: "snapshot".to_owned(),
        status: ExecutionStatus::Requested,
        parameters: Object::new(),
        context: ExecutionContext::default(),
        start_timestamp: at,
        end_timestamp: None,
        delay_ms: None,
        result: None,
        result_size: None,
        log: vec![LogEntry {
            timestamp: at,
            status: ExecutionStatus::Requested,
        }],
        runner_info: None,
        notify: Object::new(),
        lease: None,
        gates: Vec::new(),
    }
}

fn runner_info() -> RunnerInfo {
    RunnerInfo {
        hostname: "test".to_owned(),
        pid: 1,
    }
}

fn new_year() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

/// A role that hears of everything by messages: it sweeps nothing and renews nothing while a test lasts.
pub(crate) fn attentive() -> WorkflowOptions {
    WorkflowOptions {
        renew_every: Duration::from_hours(1),
        sweep_every: Duration::from_hours(1),
        ..WorkflowOptions::default()
    }
}

/// A role that looks all the time at what others have left.
pub(crate) fn restless() -> WorkflowOptions {
    WorkflowOptions {
        renew_every: Duration::from_millis(10),
        sweep_every: Duration::from_millis(10),
        sweep_after: Duration::ZERO,
        ..WorkflowOptions::default()
    }
}

/// An engine without scheduler and runners; the pack `demo` with the actions `demo.act` and `demo.ask`.
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    pub(crate) executions: Executions,
    ids: Arc<IdSource>,
    intake: Intake,
    worker: Worker<ExecutionsRequested>,
    requested: VecDeque<Execution>,
    news: Listener,
    _tasks: Tasks,
    folder: TempDir,
}

impl World {
    /// Nobody conducts anything yet.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, tasks) = (Clock::manual(new_year()), Tasks::default());
        let ids = Arc::new(IdSource::new());
        let store = connect(&folder).await;
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
        let intake = intake.await.unwrap();
        let vault = Vault::ephemeral();
        let executions = Executions::new(
            store.clone(),
            bus.clone(),
            vault.clone(),
            clock.clone(),
            Arc::clone(&ids),
            intake.clone(),
        );
        let world = Self {
            worker: bus.work(1000).await.unwrap(),
            news: bus.listen_to_all().await.unwrap(),
            requested: VecDeque::new(),
            _tasks: tasks,
            store,
            bus,
            vault,
            clock,
            executions,
            ids,
            intake,
            folder,
        };
        world.register().await;
        world
    }

    /// With one role.
    pub(crate) async fn conducted(options: WorkflowOptions) -> (Self, Tasks) {
        let world = Self::new().await;
        let role = world.role(options);
        (world, role)
    }

    async fn register(&self) {
        for runner in built_in_runners() {
            let runner = RunnerType {
                uid: format!("runner_type:{}", runner.name),
                enabled: true,
                id: self.ids.next(self.clock.now()),
                name: runner.name,
                description: runner.description,
                runner_package: runner.runner_package,
                runner_module: runner.runner_module,
                runner_parameters: runner.runner_parameters,
                output_key: runner.output_key,
                output_schema: runner.output_schema,
            };
            self.store.save(runner).await.unwrap();
        }
        std::fs::create_dir_all(self.folder.path().join("demo/actions/workflows")).unwrap();
        let pack = json!({
            "id": self.ids.next::<PackId>(self.clock.now()), "ref": "demo", "uid": "pack:demo",
            "name": "demo", "path": self.folder.path().join("demo"),
        });
        let pack: Pack = serde_json::from_value(pack).unwrap();
        self.store.save(pack).await.unwrap();
        self.action("act", "noop", "", json!({ "n": {} })).await;
        let ask = json!({ "schema": { "type": "object" }, "users": { "type": "array" } });
        self.action("ask", "inquirer", "", ask).await;
    }

    pub(crate) async fn action(
        &self,
        name: &str,
        runner: &str,
        entry_point: &str,
        parameters: Value,
    ) -> Action {
        let action = Action {
            tags: Vec::new(),
            uid: format!("action:demo:{name}"),
            metadata_file: String::new(),
            name: name.to_owned(),
            action_ref: Reference::new("demo", name),
            description: None,
            enabled: true,
            entry_point: entry_point.to_owned(),
            pack: "demo".to_owned(),
            runner_type: runner.to_owned(),
            parameters: object(parameters),
            output_schema: Object::new(),
            notify: Object::new(),
            id: self.ids.next::<ActionId>(self.clock.now()),
        };
        self.store.save(action).await.unwrap()
    }

    /// Defines `demo.NAME`, an Orquesta workflow.
    pub(crate) async fn define(&self, name: &str, text: &str) -> Action {
        self.define_as(name, "orquesta", text, json!({})).await
    }

    pub(crate) async fn define_as(
        &self,
        name: &str,
        runner: &str,
        text: &str,
        parameters: Value,
    ) -> Action {
        let entry_point = format!("workflows/{name}.yaml");
        let path = self.folder.path().join("demo/actions").join(&entry_point);
        std::fs::write(path, text).unwrap();
        self.action(name, runner, &entry_point, parameters).await
    }

    /// The definition's file is gone.
    pub(crate) fn undefine(&self, name: &str) {
        let actions = self.folder.path().join("demo/actions/workflows");
        std::fs::remove_file(actions.join(format!("{name}.yaml"))).unwrap();
    }

    fn resources(&self, store: Store, executions: Executions) -> WorkflowResources {
        WorkflowResources {
            store,
            bus: self.bus.clone(),
            executions,
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            ids: Arc::clone(&self.ids),
        }
    }

    /// Starts a workflow role.
    pub(crate) fn role(&self, options: WorkflowOptions) -> Tasks {
        let tasks = Tasks::default();
        let resources = self.resources(self.store.clone(), self.executions.clone());
        start(resources, &tasks, options);
        tasks
    }

    /// Starts a workflow role that can be killed.
    pub(crate) async fn process(&self, options: WorkflowOptions) -> Process {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let path = self.folder.path().join("petrel.db");
        let store = runtime
            .spawn(async move { Store::connect(&StoreOptions::Sqlite { path }).await })
            .await
            .unwrap()
            .unwrap();
        let executions = Executions::new(
            store.clone(),
            self.bus.clone(),
            self.vault.clone(),
            self.clock.clone(),
            Arc::clone(&self.ids),
            self.intake.clone(),
        );
        let resources = self.resources(store, executions);
        let entered = runtime.enter();
        start(resources, &Tasks::default(), options);
        drop(entered);
        Process(runtime)
    }

    /// A paused workflow is asked to go on; whoever conducts it dies when that is stored, before saying so.
    pub(crate) async fn resume_unheard(&self, id: ExecutionId) {
        let at = self.clock.now();
        let holder = "gone".to_owned();
        let resuming = StatusChange {
            id,
            expected: vec![ExecutionStatus::Paused],
            next: ExecutionStatus::Resuming,
            at,
            result: None,
            follow_ups: Vec::new(),
        };
        let resuming = self.store.change_status(&resuming).await.unwrap();
        assert!(resuming.is_some());
        let lease = Lease {
            holder: holder.clone(),
            expires_at: at,
        };
        let info = runner_info();
        let won = self.store.claim_workflows(&[id], &lease, &info, at).await;
        let execution = won.unwrap().remove(0);
        let bench = self.bench(holder.clone());
        let wanted = vec![Event::Wanted(ExecutionStatus::Resuming)];
        let (_, effects) = Flow::load(&bench, &execution, wanted).await.unwrap();
        assert_eq!(effects.status, Some(ExecutionStatus::Running));
        let step = WorkflowStep {
            id,
            holder,
            beginning: None,
            context: None,
            changes: effects.changes,
            requests: effects.requests,
            status: effects.status,
            end: None,
            is_released: false,
            at,
        };
        let stored = self.store.advance_workflows(&[step]).await.unwrap();
        assert_eq!(stored, [(id, ExecutionStatus::Running)]);
        self.clock.advance(Duration::from_secs(1));
    }

    fn bench(&self, holder: String) -> Bench {
        Bench {
            store: self.store.clone(),
            executions: self.executions.clone(),
            vault: self.vault.clone(),
            clock: self.clock.clone(),
            ids: Arc::clone(&self.ids),
            definitions: Definitions::new(PackFolders::new(self.store.clone())),
            options: attentive(),
            info: runner_info(),
            holder,
            shutdown: Shutdown::new(),
        }
    }

    /// Requests an execution of `demo.NAME`.
    pub(crate) async fn request(&self, name: &str, parameters: Value) -> ExecutionId {
        let request = ExecutionRequest {
            action: format!("demo.{name}"),
            parameters: object(parameters),
            context: ExecutionContext {
                user: "me".to_owned(),
                ..ExecutionContext::default()
            },
            delay: None,
            notify: Object::new(),
            variables: Vec::new(),
        };
        self.executions.request(request).await.unwrap().id
    }

    /// The next execution that is asked for, as the runner that wins it has it.
    pub(crate) async fn next(&mut self) -> Execution {
        while self.requested.is_empty() {
            self.gather().await;
        }
        let execution = self.requested.pop_front().unwrap();
        self.claim(execution).await
    }

    /// The next execution of the task with this name.
    pub(crate) async fn task(&mut self, name: &str) -> Execution {
        loop {
            let at = self.requested.iter().position(|one| task_of(one) == name);
            if let Some(execution) = at.and_then(|at| self.requested.remove(at)) {
                return self.claim(execution).await;
            }
            self.gather().await;
        }
    }

    async fn gather(&mut self) {
        let delivery = within("an execution", self.worker.next()).await.unwrap();
        self.requested.extend(delivery.message.executions.clone());
        delivery.done();
    }

    async fn claim(&self, execution: Execution) -> Execution {
        let now = self.clock.now();
        let lease = Lease {
            holder: "runner".to_owned(),
            expires_at: now + Duration::from_hours(24),
        };
        let info = runner_info();
        let ids = [execution.id];
        let won = self.store.claim_executions(&ids, &lease, &info, now).await;
        assert_eq!(won.unwrap(), ids);
        let mut claimed = self.stored(execution.id).await;
        claimed.lease = Some(lease);
        claimed
    }

    /// Waits until something is asked for, and leaves it to others.
    pub(crate) async fn asked_for(&mut self) {
        while self.requested.is_empty() {
            self.gather().await;
        }
    }

    /// Waits until the lease on a workflow was renewed once more.
    pub(crate) async fn renewal(&self, id: ExecutionId) {
        let before = self.stored(id).await.lease.map(|lease| lease.expires_at);
        self.clock.advance(Duration::from_millis(1));
        let renewed = async {
            while self.stored(id).await.lease.map(|lease| lease.expires_at) == before {
                tokio::task::yield_now().await;
            }
        };
        within("a renewal", renewed).await;
    }

    /// `demo.NAME` is tried twice more where it fails, each time after so many seconds.
    pub(crate) async fn retry_policy(&self, name: &str, delay: u64) {
        let policy: Policy = serde_json::from_value(json!({
            "uid": "policy:demo:again", "name": "again", "ref": "demo.again", "pack": "demo", "enabled": true,
            "resource_ref": format!("demo.{name}"), "policy_type": "action.retry",
            "parameters": { "retry_on": "failure", "max_retry_count": 2, "delay": delay },
            "id": self.ids.next::<PolicyId>(self.clock.now()),
        }))
        .unwrap();
        self.store.save(policy).await.unwrap();
    }

    /// The runner tells an end.
    pub(crate) async fn end(&self, execution: Execution, status: ExecutionStatus, result: Value) {
        let outcome = Outcome {
            execution,
            status,
            result,
        };
        self.executions.finish(vec![outcome]).await.unwrap();
    }

    /// The runner tells an end and dies before it can say so: only the store has it.
    pub(crate) async fn end_unheard(&self, execution: Execution, result: Value) {
        let outcome = Outcome {
            execution,
            status: ExecutionStatus::Succeeded,
            result,
        };
        let end = self.executions.end(outcome).await;
        self.store.finish_executions(&[end.stored]).await.unwrap();
    }

    /// The next execution succeeds with a result.
    pub(crate) async fn succeed(&mut self, task: &str, result: Value) {
        let execution = self.task(task).await;
        self.end(execution, ExecutionStatus::Succeeded, result)
            .await;
    }

    pub(crate) async fn fail(&mut self, task: &str) {
        let execution = self.task(task).await;
        let result = json!({ "reason": "broken" });
        self.end(execution, ExecutionStatus::Failed, result).await;
    }

    /// An inquiry asks.
    pub(crate) async fn ask(&mut self, task: &str) -> ExecutionId {
        let execution = self.task(task).await;
        let id = execution.id;
        let question = json!({ "schema": { "type": "object" }, "roles": [], "users": [], "route": "", "ttl": 60 });
        self.end(execution, ExecutionStatus::Pending, question)
            .await;
        id
    }

    pub(crate) async fn answer(&self, id: ExecutionId) {
        let responder = Responder {
            user: "me",
            roles: None,
        };
        let response = object(json!({ "continue": true }));
        self.executions
            .respond(id, response, responder)
            .await
            .unwrap();
    }

    pub(crate) async fn stored(&self, id: ExecutionId) -> Execution {
        self.store.execution(id).await.unwrap().unwrap()
    }

    /// Waits until an execution is in a state; what streams are told says when to look.
    pub(crate) async fn until(&mut self, id: ExecutionId, status: ExecutionStatus) -> Execution {
        let coming = async {
            loop {
                let execution = self.stored(id).await;
                if execution.status == status {
                    return execution;
                }
                assert!(!execution.status.is_final(), "{execution:?}");
                self.news.next().await.unwrap();
            }
        };
        within(status.as_str(), coming).await
    }

    pub(crate) async fn output(&mut self, id: ExecutionId) -> Value {
        let ended = self.until(id, ExecutionStatus::Succeeded).await;
        ended.result.unwrap()["output"].clone()
    }

    /// The executions that a workflow has asked for.
    pub(crate) async fn children(&self, id: ExecutionId) -> Vec<Execution> {
        self.store.task_executions(id).await.unwrap()
    }

    /// The sub-workflow that a task asked for.
    pub(crate) async fn child(&self, id: ExecutionId, task: &str) -> ExecutionId {
        let children = self.children(id).await;
        let child = children.iter().rfind(|child| task_of(child) == task);
        child.unwrap().id
    }

    /// Waits until whoever conducts a workflow knows what is wanted of it: its state says so, not its row alone.
    pub(crate) async fn heeded(&self, id: ExecutionId, status: ExecutionStatus) {
        let text = format!("\"{status}\"");
        let heeded = async {
            loop {
                let stored = self.store.workflow(id).await.unwrap().unwrap();
                let mut records = stored.records.iter();
                if records.any(|(key, body)| key == "workflow" && body.contains(&text)) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        within(status.as_str(), heeded).await;
    }

    /// All that is stored of a workflow's state, in one text.
    pub(crate) async fn records(&self, id: ExecutionId) -> String {
        let stored = self.store.workflow(id).await.unwrap().unwrap();
        format!("{:?}", stored.records)
    }
}

/// A process with a workflow role.
pub(crate) struct Process(Runtime);

impl Process {
    /// Stops it dead: nothing is stored, given back or said any more.
    pub(crate) fn kill(self) {
        self.0.shutdown_background();
    }
}

async fn connect(folder: &TempDir) -> Store {
    let path = folder.path().join("petrel.db");
    Store::connect(&StoreOptions::Sqlite { path })
        .await
        .unwrap()
}

/// The name of the task that an execution carries out: of a chain's, as its context has it.
fn task_of(execution: &Execution) -> &str {
    let context = &execution.context;
    let of_chain = || context.extra.get("chain")?.get("name")?.as_str();
    match &context.task {
        Some(task) => &task.task_id,
        None => of_chain().unwrap_or_default(),
    }
}

pub(crate) async fn within<T>(what: &str, coming: impl Future<Output = T>) -> T {
    let come = tokio::time::timeout(AT_MOST, coming).await;
    come.unwrap_or_else(|_| panic!("{what} did not come"))
}
