//! Registering and removing packs.

use std::time::{Duration, Instant};

use model::{Action, Object, Pack, PackConfig, PackConfigSchema, Rule, Trigger, TriggerType};
use serde_json::json;
use store::{DefinitionFilter, Kind, PackContent, PackFiles, RuleDraft};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    stores_everything_a_pack_brings
    changes_nothing_when_registered_again
    removes_what_the_pack_no_longer_brings
    keeps_what_came_by_api
    leaves_kinds_that_were_not_registered
    leaves_alone_what_files_did_not_change
    replaces_what_files_changed
    puts_in_force_what_files_say_when_asked_to
    does_not_bring_back_what_was_deleted_by_hand
    does_not_mind_that_secrets_look_different_each_time
    remembers_the_files_of_packs_until_they_are_removed
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
        ..PackContent::of(pack(name))
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

/// The content of the pack as it is registered at a start.
fn at_start() -> PackContent {
    PackContent {
        keep_unchanged: true,
        ..content("demo")
    }
}

async fn rule(fixture: &Fixture, reference: &str) -> Rule {
    let found = fixture.store.find::<Rule>(reference).await.unwrap();
    found.unwrap()
}

/// Disables the rule `demo.first` and lets it listen to another URL, as the API would.
async fn change_the_first_rule(fixture: &Fixture) {
    let mut rule = rule(fixture, "demo.first").await;
    rule.enabled = false;
    rule.trigger.parameters = object(json!({"url": "mine"}));
    let trigger = draft("demo", "t", "core.st2.webhook", json!({"url": "mine"})).trigger;
    let draft = RuleDraft { rule, trigger };
    fixture.store.replace_rule(&draft).await.unwrap().unwrap();
}

async fn leaves_alone_what_files_did_not_change(fixture: Fixture) {
    let store = &fixture.store;
    store.register_pack(&at_start()).await.unwrap();
    change_the_first_rule(&fixture).await;
    let mut action = store.find::<Action>("demo.a").await.unwrap().unwrap();
    action.enabled = false;
    store.save(action).await.unwrap();
    let revisions = async || {
        (
            store.revision(Kind::Rule).await.unwrap(),
            store.revision(Kind::Trigger).await.unwrap(),
            store.revision(Kind::Action).await.unwrap(),
        )
    };
    let before = revisions().await;

    store.register_pack(&at_start()).await.unwrap();

    assert!(!rule(&fixture, "demo.first").await.enabled);
    let action = store.find::<Action>("demo.a").await.unwrap().unwrap();
    assert!(!action.enabled);
    assert_eq!(revisions().await, before);
}

async fn replaces_what_files_changed(fixture: Fixture) {
    let store = &fixture.store;
    store.register_pack(&at_start()).await.unwrap();
    change_the_first_rule(&fixture).await;
    let mut changed = at_start();
    changed.rules.as_mut().unwrap()[0].rule.description = Some("changed".into());

    store.register_pack(&changed).await.unwrap();

    let rule = rule(&fixture, "demo.first").await;
    assert!(rule.enabled);
    assert_eq!(rule.description.as_deref(), Some("changed"));
    assert_eq!(rule.trigger.parameters, object(json!({"url": "x"})));
}

async fn puts_in_force_what_files_say_when_asked_to(fixture: Fixture) {
    let store = &fixture.store;
    store.register_pack(&at_start()).await.unwrap();
    change_the_first_rule(&fixture).await;

    store.register_pack(&content("demo")).await.unwrap();

    assert!(rule(&fixture, "demo.first").await.enabled);
}

async fn does_not_bring_back_what_was_deleted_by_hand(fixture: Fixture) {
    let store = &fixture.store;
    store.register_pack(&at_start()).await.unwrap();
    let first = rule(&fixture, "demo.first").await;
    store.delete_rule(first.id.object_id()).await.unwrap();
    let mut second = rule(&fixture, "demo.second").await;
    second.name = "renamed".into();
    second.rule_ref = model::Reference::new("demo", "renamed");
    let trigger = draft("demo", "t", "demo.happened", json!({})).trigger;
    let renamed = RuleDraft {
        rule: second,
        trigger,
    };
    store.replace_rule(&renamed).await.unwrap().unwrap();

    store.register_pack(&at_start()).await.unwrap();
    assert_eq!(references::<Rule>(&fixture).await, ["demo.renamed"]);

    store.register_pack(&content("demo")).await.unwrap();
    assert_eq!(
        references::<Rule>(&fixture).await,
        ["demo.first", "demo.second"]
    );
}

async fn does_not_mind_that_secrets_look_different_each_time(fixture: Fixture) {
    let store = &fixture.store;
    let sealed = |mark: &str, password: &str| {
        let mut content = at_start();
        mark.clone_into(&mut content.config_mark);
        content.config.as_mut().unwrap().values = object(json!({"password": password}));
        content
    };
    let password = async || {
        let config = store.find::<PackConfig>("demo").await.unwrap().unwrap();
        config.values["password"].clone()
    };

    store.register_pack(&sealed("one", "xyz")).await.unwrap();
    store.register_pack(&sealed("one", "abc")).await.unwrap();
    assert_eq!(password().await, "xyz");

    store.register_pack(&sealed("two", "def")).await.unwrap();
    assert_eq!(password().await, "def");
}

async fn remembers_the_files_of_packs_until_they_are_removed(fixture: Fixture) {
    let store = &fixture.store;
    let files = |fingerprint: &str| PackFiles {
        folder: "/packs/demo".into(),
        fingerprint: fingerprint.into(),
    };
    let with = |files: Option<PackFiles>| PackContent {
        files,
        ..content("demo")
    };
    let registered = async || store.registered_files().await.unwrap();

    store.register_pack(&with(Some(files("1")))).await.unwrap();
    store.register_pack(&with(Some(files("2")))).await.unwrap();
    assert_eq!(registered().await, [("demo".to_owned(), files("2"))]);

    // Something was wrong with a file.
    store.register_pack(&with(None)).await.unwrap();
    assert_eq!(registered().await, []);

    store.register_pack(&with(Some(files("3")))).await.unwrap();
    store.remove_pack("demo").await.unwrap();
    assert_eq!(registered().await, []);
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
