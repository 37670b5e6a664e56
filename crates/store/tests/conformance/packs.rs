//! Registering and removing packs.

use std::time::{Duration, Instant};

use model::{Action, Object, Pack, PackConfig, PackConfigSchema, Rule, Trigger, TriggerType};
use serde_json::json;
use store::{DefinitionFilter, Kind, PackContent};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    stores_everything_a_pack_brings
    changes_nothing_when_registered_again
    removes_what_the_pack_no_longer_brings
    keeps_what_came_by_api
    leaves_kinds_that_were_not_registered
    removes_a_pack_with_everything
    registers_thousands_of_actions_at_once
}

fn pack(name: &str) -> Pack {
    serde_json::from_value(json!({
        "id": id::<model::PackId>(), "ref": name, "uid": format!("pack:{name}"), "name": name, "version": "1.0.0",
    }))
    .unwrap()
}

fn content(name: &str) -> PackContent {
    PackContent {
        pack: pack(name),
        config_schema: Some(PackConfigSchema {
            id: id(),
            pack: name.into(),
            attributes: object(json!({"k": {}})),
        }),
        config: Some(PackConfig {
            id: id(),
            pack: name.into(),
            values: Object::new(),
        }),
        trigger_types: Some(vec![trigger_type(name, "happened")]),
        sensors: Some(Vec::new()),
        actions: Some(vec![action(name, "a"), action(name, "b")]),
        rules: Some(vec![
            draft(name, "first", "core.st2.webhook", json!({"url": "x"})),
            draft(name, "second", &format!("{name}.happened"), json!({})),
        ]),
        aliases: Some(Vec::new()),
        policies: Some(Vec::new()),
    }
}

async fn references<D: store::Definition>(fixture: &Fixture) -> Vec<String> {
    let all = fixture
        .store
        .all::<D>(&DefinitionFilter::default())
        .await
        .unwrap();
    all.iter().map(store::Definition::reference).collect()
}

async fn stores_everything_a_pack_brings(fixture: Fixture) {
    let content = content("demo");

    fixture.store.register_pack(&content).await.unwrap();

    assert_eq!(
        fixture.store.find::<Pack>("demo").await.unwrap(),
        Some(content.pack)
    );
    assert_eq!(
        fixture
            .store
            .find::<PackConfigSchema>("demo")
            .await
            .unwrap(),
        content.config_schema
    );
    assert_eq!(
        fixture.store.find::<PackConfig>("demo").await.unwrap(),
        content.config
    );
    assert_eq!(references::<Action>(&fixture).await, ["demo.a", "demo.b"]);
    assert_eq!(references::<TriggerType>(&fixture).await, ["demo.happened"]);
    assert_eq!(
        references::<Rule>(&fixture).await,
        ["demo.first", "demo.second"]
    );
    let rule = fixture
        .store
        .find::<Rule>("demo.first")
        .await
        .unwrap()
        .unwrap();
    let trigger = fixture
        .store
        .find::<Trigger>(&rule.trigger.trigger_ref)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(trigger.parameters, object(json!({"url": "x"})));
}

async fn changes_nothing_when_registered_again(fixture: Fixture) {
    let store = &fixture.store;
    store.register_pack(&content("demo")).await.unwrap();
    let kinds = [
        Kind::Pack,
        Kind::Action,
        Kind::Rule,
        Kind::Trigger,
        Kind::TriggerType,
        Kind::Config,
    ];
    let revisions = async || {
        let mut revisions = Vec::new();
        for kind in kinds {
            revisions.push(store.revision(kind).await.unwrap());
        }
        revisions
    };
    let (before, ids) = (
        revisions().await,
        store
            .all::<Action>(&DefinitionFilter::default())
            .await
            .unwrap(),
    );

    store.register_pack(&content("demo")).await.unwrap();

    assert_eq!(revisions().await, before);
    assert_eq!(
        store
            .all::<Action>(&DefinitionFilter::default())
            .await
            .unwrap(),
        ids
    );
}

async fn removes_what_the_pack_no_longer_brings(fixture: Fixture) {
    let first = content("demo");
    fixture.store.register_pack(&first).await.unwrap();
    let mut second = content("demo");
    let mut changed = action("demo", "b");
    changed.description = None;
    second.actions = Some(vec![changed, action("demo", "c")]);
    second.rules = Some(vec![draft(
        "demo",
        "first",
        "core.st2.webhook",
        json!({"url": "y"}),
    )]);
    second.trigger_types = Some(Vec::new());

    fixture.store.register_pack(&second).await.unwrap();

    assert_eq!(references::<Action>(&fixture).await, ["demo.b", "demo.c"]);
    assert_eq!(references::<Rule>(&fixture).await, ["demo.first"]);
    assert_eq!(
        references::<TriggerType>(&fixture).await,
        Vec::<String>::new()
    );
    let stored = fixture
        .store
        .find::<Action>("demo.b")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(Some(stored.id), first.actions.map(|actions| actions[1].id));
    assert_eq!(stored.description, None);
    let rule = fixture
        .store
        .find::<Rule>("demo.first")
        .await
        .unwrap()
        .unwrap();
    let triggers = references::<Trigger>(&fixture).await;
    assert!(triggers.contains(&rule.trigger.trigger_ref));
    let old = fixture
        .store
        .find_trigger("core.st2.webhook", &object(json!({"url": "x"})))
        .await
        .unwrap();
    assert_eq!(old, None);
}

async fn keeps_what_came_by_api(fixture: Fixture) {
    let store = &fixture.store;
    let mut by_hand = action("demo", "by_hand");
    by_hand.metadata_file = String::new();
    store.create(&by_hand).await.unwrap();
    let mut rule = draft(
        "demo",
        "by_hand",
        "core.st2.webhook",
        json!({"url": "mine"}),
    );
    rule.rule.metadata_file = String::new();
    store.create_rule(&rule).await.unwrap();

    store.register_pack(&content("demo")).await.unwrap();

    assert_eq!(
        references::<Action>(&fixture).await,
        ["demo.a", "demo.b", "demo.by_hand"]
    );
    assert_eq!(
        references::<Rule>(&fixture).await,
        ["demo.by_hand", "demo.first", "demo.second"]
    );
    let mine = store
        .find_trigger("core.st2.webhook", &object(json!({"url": "mine"})))
        .await
        .unwrap();
    assert!(mine.is_some());
}

async fn leaves_kinds_that_were_not_registered(fixture: Fixture) {
    fixture.store.register_pack(&content("demo")).await.unwrap();
    let mut only_rules = content("demo");
    only_rules.actions = None;
    only_rules.trigger_types = None;
    only_rules.config = None;
    only_rules.rules = Some(Vec::new());

    fixture.store.register_pack(&only_rules).await.unwrap();

    assert_eq!(references::<Action>(&fixture).await, ["demo.a", "demo.b"]);
    assert_eq!(references::<TriggerType>(&fixture).await, ["demo.happened"]);
    assert!(
        fixture
            .store
            .find::<PackConfig>("demo")
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(references::<Rule>(&fixture).await, Vec::<String>::new());
}

async fn removes_a_pack_with_everything(fixture: Fixture) {
    let store = &fixture.store;
    store.register_pack(&content("demo")).await.unwrap();
    store.register_pack(&content("other")).await.unwrap();
    store
        .create_rule(&draft("other", "listens", "demo.happened", json!({})))
        .await
        .unwrap();

    assert!(store.remove_pack("demo").await.unwrap());
    assert!(!store.remove_pack("demo").await.unwrap());

    assert_eq!(references::<Pack>(&fixture).await, ["other"]);
    assert_eq!(references::<Action>(&fixture).await, ["other.a", "other.b"]);
    assert_eq!(
        references::<Rule>(&fixture).await,
        ["other.first", "other.listens", "other.second"]
    );
    assert!(
        references::<Trigger>(&fixture)
            .await
            .contains(&"demo.happened".to_owned())
    );
    store.remove_pack("other").await.unwrap();
    assert_eq!(references::<Rule>(&fixture).await, Vec::<String>::new());
}

async fn registers_thousands_of_actions_at_once(fixture: Fixture) {
    let mut large = content("aws");
    large.actions = Some(
        (0..3581)
            .map(|number| action("aws", &format!("action{number}")))
            .collect(),
    );

    let started = Instant::now();
    fixture.store.register_pack(&large).await.unwrap();
    fixture.store.register_pack(&large).await.unwrap();

    // Generous: builds for tests are slow. One statement for each action would take far longer.
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(
        fixture
            .store
            .list::<Action>(&DefinitionFilter::default(), page(1, 0))
            .await
            .unwrap()
            .total,
        3581
    );
}
