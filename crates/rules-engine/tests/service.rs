//! The service on a real store and an in-process bus: events in, enforcements and executions out.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::sync::Arc;
use std::time::Duration;

use bus::{
    Announcement, Bus, BusOptions, DefinitionsChanged, EventsStored, ExecutionsRequested, News,
};
use executions::Executions;
use intake::{Event, Intake, IntakeOptions, Target};
use lifecycle::{Clock, Tasks};
use model::{
    Action, EnforcementStatus, IdSource, KeyScope, KeyValue, Object, Page, Reference, Rule,
    RuleAction, RuleEnforcement, RuleKind, RuleTrigger, RunnerType, Trigger, TriggerInstance,
    TriggerInstanceStatus, TriggerType,
};
use rules_engine::{RulesEngine, RulesOptions, RulesResources};
use secrets::Vault;
use serde_json::{Value, json};
use store::{EnforcementFilter, ExecutionFilter, RuleDraft, Store, StoreOptions};

/// Longer than anything here may take.
const DEADLINE: Duration = Duration::from_secs(30);

struct World {
    store: Store,
    bus: Bus,
    clock: Clock,
    ids: Arc<IdSource>,
    vault: Vault,
    tasks: Tasks,
    intake: Intake,
    _folder: tempfile::TempDir,
}

impl World {
    /// A store with the action `core.noop` and the trigger `demo.hook`, and no rules engine yet.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, tasks, ids) = (Clock::system(), Tasks::default(), Arc::new(IdSource::new()));
        let store = Store::connect(&StoreOptions::Sqlite {
            path: folder.path().join("petrel.db"),
        })
        .await
        .unwrap();
        store.migrate(clock.now()).await.unwrap();
        let bus = Bus::connect(&BusOptions::InProcess, &tasks).await.unwrap();
        define(&store, &ids, &clock).await;
        let intake = Intake::start(
            store.clone(),
            bus.clone(),
            clock.clone(),
            Arc::clone(&ids),
            &tasks,
            IntakeOptions::default(),
        )
        .await
        .unwrap();
        Self {
            store,
            bus,
            clock,
            ids,
            vault: Vault::ephemeral(),
            tasks,
            intake,
            _folder: folder,
        }
    }

    async fn engine(&self, options: RulesOptions) -> RulesEngine {
        self.engine_under(&self.tasks, options).await
    }

    async fn engine_under(&self, tasks: &Tasks, options: RulesOptions) -> RulesEngine {
        let executions = Executions::new(
            self.store.clone(),
            self.bus.clone(),
            self.vault.clone(),
            self.clock.clone(),
            Arc::clone(&self.ids),
            self.intake.clone(),
        );
        let resources = RulesResources {
            store: self.store.clone(),
            bus: self.bus.clone(),
            clock: self.clock.clone(),
            ids: Arc::clone(&self.ids),
            vault: self.vault.clone(),
            executions,
        };
        RulesEngine::start(resources, tasks, options).await.unwrap()
    }

    async fn rule(&self, name: &str, criteria: Value, action: &str, parameters: Value) -> Rule {
        let rule = Rule {
            tags: Vec::new(),
            uid: format!("rule:demo:{name}"),
            metadata_file: String::new(),
            name: name.to_owned(),
            rule_ref: Reference::new("demo", name),
            description: None,
            pack: "demo".to_owned(),
            kind: RuleKind::default(),
            trigger: RuleTrigger {
                type_ref: "demo.hook".into(),
                parameters: Object::new(),
                trigger_ref: "demo.hook".into(),
            },
            criteria: serde_json::from_value(criteria).unwrap(),
            action: RuleAction {
                action_ref: action.to_owned(),
                parameters: serde_json::from_value(parameters).unwrap(),
            },
            context: serde_json::from_value(json!({ "user": "ann" })).unwrap(),
            enabled: true,
            id: self.ids.next(self.clock.now()),
        };
        self.store
            .create_rule(&RuleDraft {
                rule,
                trigger: trigger(&self.ids, &self.clock),
            })
            .await
            .unwrap()
    }

    async fn send(&self, payload: Value) -> TriggerInstance {
        let target = Target::Reference("demo.hook".to_owned());
        self.intake
            .accept(Event {
                target,
                payload,
                trace: None,
                caused_by: None,
            })
            .await
            .unwrap()
    }

    /// The instance once it is no longer pending.
    async fn settled(&self, instance: &TriggerInstance) -> TriggerInstance {
        let wait = async {
            loop {
                let stored = self
                    .store
                    .trigger_instance(instance.id)
                    .await
                    .unwrap()
                    .unwrap();
                if stored.status != TriggerInstanceStatus::Pending {
                    return stored;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, wait)
            .await
            .expect("the instance is processed in time")
    }

    async fn enforcements(&self) -> Vec<RuleEnforcement> {
        let filter = EnforcementFilter {
            oldest_first: true,
            ..EnforcementFilter::default()
        };
        self.store
            .enforcements(
                &filter,
                Page {
                    limit: 1000,
                    offset: 0,
                },
            )
            .await
            .unwrap()
            .items
    }

    async fn executions(&self) -> Vec<model::Execution> {
        let filter = ExecutionFilter {
            oldest_first: true,
            ..ExecutionFilter::default()
        };
        self.store
            .executions(
                &filter,
                Page {
                    limit: 1000,
                    offset: 0,
                },
            )
            .await
            .unwrap()
            .items
    }
}

fn trigger(ids: &IdSource, clock: &Clock) -> Trigger {
    Trigger {
        uid: "trigger:demo:hook:x".to_owned(),
        trigger_ref: Reference::new("demo", "hook"),
        name: "hook".to_owned(),
        pack: "demo".to_owned(),
        type_ref: "demo.hook".to_owned(),
        parameters: Object::new(),
        description: None,
        id: ids.next(clock.now()),
    }
}

async fn define(store: &Store, ids: &IdSource, clock: &Clock) {
    let kind: TriggerType = serde_json::from_value(json!({
        "uid": "trigger_type:demo:hook", "ref": "demo.hook", "name": "hook", "pack": "demo",
        "id": ids.next::<model::ObjectId>(clock.now()).to_string(),
    }))
    .unwrap();
    store.save(kind).await.unwrap();
    store.save(trigger(ids, clock)).await.unwrap();
    let runner: RunnerType = serde_json::from_value(json!({
        "name": "noop", "description": "", "uid": "runner_type:noop", "enabled": true, "runner_package": "noop_runner",
        "runner_module": "noop_runner", "id": ids.next::<model::ObjectId>(clock.now()).to_string(),
    }))
    .unwrap();
    store.save(runner).await.unwrap();
    let action: Action = serde_json::from_value(json!({
        "uid": "action:core:noop", "ref": "core.noop", "name": "noop", "pack": "core", "runner_type": "noop",
        "entry_point": "", "enabled": true, "id": ids.next::<model::ObjectId>(clock.now()).to_string(),
        "parameters": { "text": { "type": "string" }, "count": { "type": "integer" } },
    }))
    .unwrap();
    store.save(action).await.unwrap();
}

#[tokio::test]
async fn a_rule_that_matches_requests_its_action() {
    let world = World::new().await;
    let rule = world
        .rule(
            "greet",
            json!({ "trigger.kind": { "type": "equals", "pattern": "hi" } }),
            "core.noop",
            json!({ "text": "{{ trigger.name }}", "count": "{{ trigger.n }}" }),
        )
        .await;
    let mut requested = world.bus.work::<ExecutionsRequested>(10).await.unwrap();
    world.engine(RulesOptions::default()).await;

    let instance = world
        .send(json!({ "kind": "hi", "name": "Bob", "n": 3 }))
        .await;

    let announced = tokio::time::timeout(DEADLINE, requested.next())
        .await
        .unwrap()
        .unwrap()
        .message
        .executions;
    let stored = world.settled(&instance).await;
    assert_eq!(stored.status, TriggerInstanceStatus::Processed);
    assert_eq!(
        stored.status_reason.as_deref(),
        Some("1 of 1 rules matched: demo.greet")
    );
    let [execution] = <[_; 1]>::try_from(world.executions().await).unwrap();
    let [enforcement] = <[_; 1]>::try_from(world.enforcements().await).unwrap();
    assert_eq!(announced[0].id, execution.id);
    assert_eq!(
        Value::Object(execution.parameters),
        json!({ "text": "Bob", "count": 3 })
    );
    assert_eq!(execution.context.user, "ann");
    assert_eq!(execution.context.rule.unwrap().id, rule.id);
    assert_eq!(execution.context.trigger_instance.unwrap().id, instance.id);
    assert_eq!(execution.context.enforcement, Some(enforcement.id));
    assert_eq!(execution.context.trace, Some(instance.trace));
    assert_eq!(
        (enforcement.status, enforcement.execution_id),
        (EnforcementStatus::Succeeded, Some(execution.id))
    );
}

#[tokio::test]
async fn an_event_that_no_rule_wants_is_processed_and_says_so() {
    let world = World::new().await;
    world
        .rule(
            "greet",
            json!({ "trigger.kind": { "type": "equals", "pattern": "hi" } }),
            "core.noop",
            json!({}),
        )
        .await;
    world.engine(RulesOptions::default()).await;

    let instance = world.send(json!({ "kind": "other" })).await;

    let stored = world.settled(&instance).await;
    assert_eq!(
        stored.status_reason.as_deref(),
        Some("0 of 1 rules matched")
    );
    assert!(world.enforcements().await.is_empty());
}

#[tokio::test]
async fn a_rule_that_cannot_be_evaluated_fails_alone() {
    let world = World::new().await;
    world
        .rule(
            "bad",
            json!({ "trigger.kind": { "type": "bogus", "pattern": "hi" } }),
            "core.noop",
            json!({}),
        )
        .await;
    world
        .rule(
            "good",
            json!({ "trigger.kind": { "type": "exists" } }),
            "core.noop",
            json!({}),
        )
        .await;
    world.engine(RulesOptions::default()).await;

    let instance = world.send(json!({ "kind": "hi" })).await;

    let stored = world.settled(&instance).await;
    assert_eq!(
        stored.status_reason.as_deref(),
        Some("1 of 2 rules matched: demo.good; could not be evaluated: demo.bad")
    );
    let enforcements = world.enforcements().await;
    let bad = enforcements
        .iter()
        .find(|enforcement| enforcement.rule.rule_ref == "demo.bad")
        .unwrap();
    assert_eq!(bad.status, EnforcementStatus::Failed);
    assert_eq!(
        bad.failure_reason.as_deref(),
        Some("criterion `trigger.kind`: the operator `bogus` does not exist")
    );
    assert_eq!(world.executions().await.len(), 1);
}

#[tokio::test]
async fn an_action_that_cannot_be_requested_fails_its_enforcement_with_the_reason() {
    let world = World::new().await;
    world
        .rule("missing", json!({}), "core.nope", json!({}))
        .await;
    world
        .rule(
            "template",
            json!({}),
            "core.noop",
            json!({ "text": "{{ trigger.nope.deeper }}" }),
        )
        .await;
    world.engine(RulesOptions::default()).await;

    let instance = world.send(json!({ "a": 1 })).await;

    world.settled(&instance).await;
    let reasons: Vec<String> = world
        .enforcements()
        .await
        .into_iter()
        .map(|one| one.failure_reason.unwrap())
        .collect();
    assert_eq!(reasons.len(), 2);
    assert!(
        reasons.iter().any(|reason| reason.contains("core.nope")),
        "{reasons:?}"
    );
    assert!(
        reasons.iter().any(|reason| reason.contains("text")),
        "{reasons:?}"
    );
    assert!(world.executions().await.is_empty());
}

#[tokio::test]
async fn a_fresh_rule_is_in_force_for_the_next_event() {
    let world = World::new().await;
    let engine = world
        .engine(RulesOptions {
            poll: DEADLINE * 10,
            ..RulesOptions::default()
        })
        .await;
    assert_eq!(engine.rules(), 0);

    // Nobody tells the engine: its trigger is unknown to it, so it looks.
    world.rule("fresh", json!({}), "core.noop", json!({})).await;
    let instance = world.send(json!({ "a": 1 })).await;

    assert_eq!(
        world.settled(&instance).await.status_reason.as_deref(),
        Some("1 of 1 rules matched: demo.fresh")
    );
}

#[tokio::test]
async fn news_of_a_changed_rule_reload_it() {
    let world = World::new().await;
    world.rule("first", json!({}), "core.noop", json!({})).await;
    let engine = world
        .engine(RulesOptions {
            poll: DEADLINE * 10,
            ..RulesOptions::default()
        })
        .await;

    world
        .rule("second", json!({}), "core.noop", json!({}))
        .await;
    let reloaded = async {
        while engine.rules() != 2 {
            world.bus.tell(News::DefinitionsChanged(DefinitionsChanged {
                kind: "rule".to_owned(),
            }));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };

    tokio::time::timeout(DEADLINE, reloaded)
        .await
        .expect("the rules are reloaded");
}

#[tokio::test]
async fn the_sweep_takes_what_was_never_announced() {
    let world = World::new().await;
    world.rule("any", json!({}), "core.noop", json!({})).await;
    let target = Target::Reference("demo.hook".to_owned());
    let instance = world
        .intake
        .prepare(Event {
            target,
            payload: json!({ "a": 1 }),
            trace: None,
            caused_by: None,
        })
        .unwrap();
    world
        .store
        .add_trigger_instances(std::slice::from_ref(&instance))
        .await
        .unwrap();

    let options = RulesOptions {
        sweep: Duration::from_millis(10),
        overdue: Duration::ZERO,
        ..RulesOptions::default()
    };
    world.engine(options).await;

    assert_eq!(
        world.settled(&instance).await.status,
        TriggerInstanceStatus::Processed
    );
    assert_eq!(world.executions().await.len(), 1);
}

#[tokio::test]
async fn an_event_that_is_announced_twice_requests_one_execution() {
    let world = World::new().await;
    world.rule("any", json!({}), "core.noop", json!({})).await;
    let first = world.send(json!({ "a": 1 })).await;
    world.bus.announce(EventsStored {
        instances: vec![first.clone(), first.clone()],
    });
    world.engine(RulesOptions::default()).await;
    let last = world.send(json!({ "a": 2 })).await;

    world.settled(&first).await;
    world.settled(&last).await;

    world.tasks.shutdown().drain();
    assert_eq!(world.enforcements().await.len(), 2);
    assert_eq!(world.executions().await.len(), 2);
}

#[tokio::test]
async fn patterns_read_the_datastore() {
    let world = World::new().await;
    let item = KeyValue {
        id: world.ids.next(world.clock.now()),
        scope: KeyScope::System,
        name: "wanted".to_owned(),
        value: "blue".to_owned(),
        is_secret: false,
        expires_at: None,
        updated_at: world.clock.now(),
    };
    world.store.put_key(&item).await.unwrap();
    world.rule("kv", json!({ "trigger.colour": { "type": "equals", "pattern": "{{ st2kv.system.wanted }}" } }), "core.noop", json!({})).await;
    world.engine(RulesOptions::default()).await;

    let (blue, red) = (
        world.send(json!({ "colour": "blue" })).await,
        world.send(json!({ "colour": "red" })).await,
    );

    assert_eq!(
        world.settled(&blue).await.status_reason.as_deref(),
        Some("1 of 1 rules matched: demo.kv")
    );
    assert_eq!(
        world.settled(&red).await.status_reason.as_deref(),
        Some("0 of 1 rules matched")
    );
}

#[tokio::test]
async fn enforcements_are_told_to_streams() {
    let world = World::new().await;
    world.rule("any", json!({}), "core.noop", json!({})).await;
    let mut news = world.bus.listen_to_all().await.unwrap();
    world.engine(RulesOptions::default()).await;

    let instance = world.send(json!({ "a": 1 })).await;

    let heard = async {
        loop {
            if let Some(News::Announcement(Announcement::Enforcement(enforcement))) =
                news.next().await
            {
                return enforcement;
            }
        }
    };
    let enforcement = tokio::time::timeout(DEADLINE, heard)
        .await
        .expect("the enforcement is told");
    assert_eq!(enforcement.trigger_instance_id, instance.id);
}

#[tokio::test]
async fn a_batch_is_not_lost_where_the_store_stays_away_until_the_end() {
    let world = World::new().await;
    world.rule("any", json!({}), "core.noop", json!({})).await;
    let tasks = Tasks::default();
    world.engine_under(&tasks, RulesOptions::default()).await;
    let target = Target::Reference("demo.hook".to_owned());
    let instance = world
        .intake
        .prepare(Event {
            target,
            payload: json!({ "a": 1 }),
            trace: None,
            caused_by: None,
        })
        .unwrap();

    world.store.close().await;
    world.bus.announce(EventsStored {
        instances: vec![instance.clone()],
    });
    tasks.shutdown().stop();
    assert!(tasks.finished().await);

    let mut other = world.bus.work::<EventsStored>(1).await.unwrap();
    let again = tokio::time::timeout(DEADLINE, other.next())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again.message.instances[0].id, instance.id);
}
