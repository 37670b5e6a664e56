//! The intake on a real store and an in-process bus.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::sync::Arc;
use std::time::Duration;

use bus::{Bus, BusOptions, DefinitionsChanged, EventsStored, News};
use intake::{Event, Intake, IntakeError, IntakeOptions, Target, TraceRequest};
use lifecycle::{Clock, Tasks};
use model::{IdSource, Object, Reference, Trigger, TriggerInstanceStatus, TriggerType};
use serde_json::{Value, json};
use store::{Store, StoreOptions, TriggerInstanceFilter};

struct World {
    store: Store,
    bus: Bus,
    clock: Clock,
    ids: Arc<IdSource>,
    tasks: Tasks,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let tasks = Tasks::default();
        let store = Store::connect(&StoreOptions::Sqlite {
            path: folder.path().join("petrel.db"),
        })
        .await
        .unwrap();
        store.migrate(clock.now()).await.unwrap();
        let bus = Bus::connect(&BusOptions::InProcess, &tasks).await.unwrap();
        let world = Self {
            store,
            bus,
            clock,
            ids: Arc::new(IdSource::new()),
            tasks,
            _folder: folder,
        };
        world.define("hook", json!({})).await;
        world
    }

    /// Stores a trigger type and its trigger.
    async fn define(&self, name: &str, payload_schema: Value) {
        let type_ref = Reference::new("demo", name);
        let kind = TriggerType {
            description: None,
            tags: Vec::new(),
            uid: format!("trigger_type:demo:{name}"),
            metadata_file: None,
            type_ref: type_ref.clone(),
            name: name.to_owned(),
            pack: "demo".to_owned(),
            payload_schema: payload_schema.as_object().cloned().unwrap(),
            parameters_schema: Object::new(),
            id: self.ids.next(self.clock.now()),
        };
        self.store.save(kind).await.unwrap();
        self.trigger(name, &type_ref.to_string(), json!({})).await;
    }

    async fn trigger(&self, name: &str, type_ref: &str, parameters: Value) {
        let trigger = Trigger {
            uid: format!("trigger:demo:{name}:x"),
            trigger_ref: Reference::new("demo", name),
            name: name.to_owned(),
            pack: "demo".to_owned(),
            type_ref: type_ref.to_owned(),
            parameters: parameters.as_object().cloned().unwrap(),
            description: None,
            id: self.ids.next(self.clock.now()),
        };
        self.store.save(trigger).await.unwrap();
    }

    async fn intake(&self, options: IntakeOptions) -> Intake {
        let (store, bus, clock) = (self.store.clone(), self.bus.clone(), self.clock.clone());
        Intake::start(
            store,
            bus,
            clock,
            Arc::clone(&self.ids),
            &self.tasks,
            options,
        )
        .await
        .unwrap()
    }
}

fn event(trigger: &str, payload: Value) -> Event {
    Event {
        target: Target::Reference(trigger.to_owned()),
        payload,
        trace: None,
        caused_by: None,
    }
}

#[tokio::test]
async fn an_accepted_event_is_stored_and_announced() {
    let world = World::new().await;
    let mut worker = world.bus.work::<EventsStored>(10).await.unwrap();
    let intake = world.intake(IntakeOptions::default()).await;

    let accepted = intake
        .accept(event("demo.hook", json!({ "a": 1 })))
        .await
        .unwrap();

    let stored = world
        .store
        .trigger_instance(accepted.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (stored.payload, stored.status),
        (json!({ "a": 1 }), TriggerInstanceStatus::Pending)
    );
    assert_eq!(
        stored.trace.tag,
        format!("trigger_instance-{}", accepted.id)
    );
    let announced = worker.next().await.unwrap().message.instances.remove(0);
    assert_eq!(announced.id, accepted.id);
}

#[tokio::test]
async fn an_event_that_is_tried_again_is_stored_once() {
    let world = World::new().await;
    let intake = world.intake(IntakeOptions::default()).await;

    let admitted = intake.admit(event("demo.hook", json!({}))).await.unwrap();
    intake.store(admitted.clone()).await.unwrap();
    // As somebody does who has not heard that it is stored.
    intake.store(admitted.clone()).await.unwrap();

    let filter = TriggerInstanceFilter::default();
    let page = model::Page {
        limit: 10,
        offset: 0,
    };
    let stored = world.store.trigger_instances(&filter, page).await.unwrap();
    let ids: Vec<_> = stored.items.iter().map(|one| one.id).collect();
    assert_eq!(ids, [admitted.id]);
}

#[tokio::test]
async fn many_senders_share_transactions_and_each_gets_its_own_answer() {
    let world = World::new().await;
    let intake = world
        .intake(IntakeOptions {
            group: 50,
            ..IntakeOptions::default()
        })
        .await;

    let sent = (0..300).map(|n| intake.accept(event("demo.hook", json!({ "n": n }))));
    let accepted = futures::future::join_all(sent).await;

    for (n, instance) in accepted.into_iter().enumerate() {
        assert_eq!(instance.unwrap().payload, json!({ "n": n }));
    }
    let page = model::Page {
        limit: 1,
        offset: 0,
    };
    let stored = world
        .store
        .trigger_instances(&TriggerInstanceFilter::default(), page)
        .await
        .unwrap();
    assert_eq!(stored.total, 300);
}

#[tokio::test]
async fn a_payload_that_does_not_fit_is_refused_in_the_schemas_words() {
    let world = World::new().await;
    world
        .define(
            "typed",
            json!({ "type": "object", "properties": { "n": { "type": "integer" } } }),
        )
        .await;
    let intake = world.intake(IntakeOptions::default()).await;

    let refused = intake
        .accept(event("demo.typed", json!({ "n": "x" })))
        .await
        .unwrap_err();

    let message =
        "the payload does not fit trigger type `demo.typed`: 'x' is not of type 'integer', 'null'";
    assert_eq!(refused.to_string(), message);
    assert!(
        intake
            .accept(event("demo.typed", json!({ "n": 1 })))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_trigger_that_was_just_made_is_found_and_an_unknown_one_is_not() {
    let world = World::new().await;
    let intake = world.intake(IntakeOptions::default()).await;
    world.define("late", json!({})).await;

    assert!(intake.accept(event("demo.late", json!({}))).await.is_ok());
    let unknown = intake
        .accept(event("demo.nope", json!({})))
        .await
        .unwrap_err();
    assert_eq!(unknown.to_string(), "trigger `demo.nope` does not exist");
}

#[tokio::test]
async fn a_trigger_with_parameters_is_found_by_them() {
    let world = World::new().await;
    world
        .trigger("0a1b", "core.st2.webhook", json!({ "url": "/deploy/" }))
        .await;
    let intake = world.intake(IntakeOptions::default()).await;

    let parameters = json!({ "url": "/deploy/" }).as_object().cloned().unwrap();
    let target = Target::Parameters("core.st2.webhook".to_owned(), parameters);
    let instance = intake
        .prepare(Event {
            target,
            ..event("", json!(null))
        })
        .unwrap();

    assert_eq!(
        (instance.trigger.as_str(), instance.trigger_type.as_str()),
        ("demo.0a1b", "core.st2.webhook")
    );
    assert_eq!(instance.payload, json!({}));
    assert!(intake.triggers().webhooks.contains_key("deploy"));
}

#[tokio::test]
async fn a_sender_names_its_trace() {
    let world = World::new().await;
    let intake = world.intake(IntakeOptions::default()).await;

    let trace = Some(TraceRequest::Tagged("mine".to_owned()));
    let first = intake
        .accept(Event {
            trace,
            ..event("demo.hook", json!({}))
        })
        .await
        .unwrap();
    let trace = Some(TraceRequest::Existing(first.trace.clone()));
    let second = intake
        .accept(Event {
            trace,
            ..event("demo.hook", json!({}))
        })
        .await
        .unwrap();

    assert_eq!(first.trace.tag, "mine");
    assert_eq!(second.trace, first.trace);
}

#[tokio::test]
async fn senders_are_slowed_down_while_too_much_waits() {
    let world = World::new().await;
    let intake = world
        .intake(IntakeOptions {
            pending: 2,
            ..IntakeOptions::default()
        })
        .await;

    // The count is compared with the store's now and then, and may be one too high for a moment.
    intake.accept(event("demo.hook", json!({}))).await.unwrap();
    let mut outcome = Ok(());
    for _ in 0..2 {
        outcome = intake.accept(event("demo.hook", json!({}))).await.map(drop);
    }

    assert!(matches!(outcome, Err(IntakeError::Overloaded)));
}

#[tokio::test]
async fn nothing_is_accepted_once_the_shutdown_began() {
    let world = World::new().await;
    let intake = world.intake(IntakeOptions::default()).await;

    world.tasks.shutdown().drain();
    assert!(world.tasks.finished().await);

    assert!(matches!(
        intake.accept(event("demo.hook", json!({}))).await,
        Err(IntakeError::Closed)
    ));
}

#[tokio::test]
async fn news_of_a_change_reload_the_table() {
    let world = World::new().await;
    let intake = world.intake(IntakeOptions::default()).await;
    let changed = intake.clone();

    world.define("late", json!({})).await;
    world.bus.tell(News::DefinitionsChanged(DefinitionsChanged {
        kind: "trigger".to_owned(),
    }));

    tokio::time::timeout(Duration::from_secs(20), changed.changed())
        .await
        .unwrap();
    assert!(intake.triggers().types.contains_key("demo.late"));
}
