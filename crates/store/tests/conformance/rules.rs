//! Rules and their triggers.

use model::{Object, Reference, Rule, Trigger};
use serde_json::json;
use store::{DefinitionFilter, Kind, SaveError};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    shares_a_trigger_among_rules_with_equal_parameters
    gives_rules_the_oldest_of_equal_triggers
    names_a_trigger_without_parameters_as_its_type
    refuses_a_rule_whose_reference_is_taken
    removes_a_trigger_with_the_last_rule_that_uses_it
    follows_a_rule_that_changes_its_trigger
    replaces_nothing_that_is_not_there
}

async fn triggers(fixture: &Fixture) -> Vec<String> {
    let all = fixture
        .store
        .all::<Trigger>(&DefinitionFilter::default())
        .await
        .unwrap();
    all.into_iter()
        .map(|trigger| trigger.trigger_ref.to_string())
        .collect()
}

async fn shares_a_trigger_among_rules_with_equal_parameters(fixture: Fixture) {
    let store = &fixture.store;
    let first = draft(
        "demo",
        "a",
        "core.st2.webhook",
        json!({"url": "x", "more": {"b": 1, "a": 2}}),
    );
    let second = draft(
        "demo",
        "b",
        "core.st2.webhook",
        json!({"more": {"a": 2, "b": 1}, "url": "x"}),
    );
    let other = draft("demo", "c", "core.st2.webhook", json!({"url": "y"}));

    let stored = [&first, &second, &other].map(|draft| store.create_rule(draft));
    let rules: Vec<Rule> = futures::future::try_join_all(stored).await.unwrap();

    assert_eq!(rules[0].trigger.trigger_ref, rules[1].trigger.trigger_ref);
    assert_ne!(rules[0].trigger.trigger_ref, rules[2].trigger.trigger_ref);
    assert_eq!(
        store.find::<Rule>("demo.a").await.unwrap().as_ref(),
        rules.first()
    );
    let found = store
        .find_trigger("core.st2.webhook", &object(json!({"url": "y"})))
        .await
        .unwrap();
    assert_eq!(
        found.unwrap().trigger_ref.to_string(),
        rules[2].trigger.trigger_ref
    );
    assert_eq!(
        store
            .find_trigger("core.st2.webhook", &Object::new())
            .await
            .unwrap(),
        None
    );
    let listening = DefinitionFilter {
        selector: Some(rules[0].trigger.trigger_ref.clone()),
        ..Default::default()
    };
    assert_eq!(store.all::<Rule>(&listening).await.unwrap().len(), 2);
}

async fn gives_rules_the_oldest_of_equal_triggers(fixture: Fixture) {
    let store = &fixture.store;
    let url = json!({"url": "x"});
    let proposed = |name: &str| {
        let mut trigger = draft("demo", name, "core.st2.webhook", url.clone()).trigger;
        name.clone_into(&mut trigger.name);
        trigger.trigger_ref = Reference::new("demo", name);
        trigger
    };
    let (oldest, middle, newest) = (proposed("m"), proposed("a"), proposed("z"));
    for trigger in [&newest, &oldest, &middle] {
        store.create(trigger).await.unwrap();
    }

    let rule = store
        .create_rule(&draft("demo", "b", "core.st2.webhook", url.clone()))
        .await
        .unwrap();
    let found = store
        .find_trigger("core.st2.webhook", &object(url))
        .await
        .unwrap();

    assert_eq!(rule.trigger.trigger_ref, "demo.m");
    assert_eq!(found, Some(oldest));
}

async fn names_a_trigger_without_parameters_as_its_type(fixture: Fixture) {
    let rule = fixture
        .store
        .create_rule(&draft("demo", "a", "demo.happened", json!({})))
        .await
        .unwrap();

    assert_eq!(rule.trigger.trigger_ref, "demo.happened");
    assert_eq!(triggers(&fixture).await, vec!["demo.happened"]);
    fixture
        .store
        .delete_rule(rule.id.object_id())
        .await
        .unwrap();
    assert_eq!(triggers(&fixture).await, vec!["demo.happened"]);
}

async fn refuses_a_rule_whose_reference_is_taken(fixture: Fixture) {
    let first = fixture
        .store
        .create_rule(&draft("demo", "a", "demo.x", json!({})))
        .await
        .unwrap();

    let refused = fixture
        .store
        .create_rule(&draft("demo", "a", "demo.y", json!({"a": 1})))
        .await;

    assert!(matches!(refused, Err(SaveError::Conflict { id, .. }) if id == first.id.object_id()));
    assert_eq!(triggers(&fixture).await, vec!["demo.x"]);
}

async fn removes_a_trigger_with_the_last_rule_that_uses_it(fixture: Fixture) {
    let store = &fixture.store;
    let first = store
        .create_rule(&draft("demo", "a", "core.st2.webhook", json!({"url": "x"})))
        .await
        .unwrap();
    let second = store
        .create_rule(&draft("demo", "b", "core.st2.webhook", json!({"url": "x"})))
        .await
        .unwrap();
    let before = store.revision(Kind::Trigger).await.unwrap();

    assert!(store.delete_rule(first.id.object_id()).await.unwrap());
    assert_eq!(triggers(&fixture).await.len(), 1);
    assert_eq!(store.revision(Kind::Trigger).await.unwrap(), before);
    assert!(store.delete_rule(second.id.object_id()).await.unwrap());
    assert_eq!(triggers(&fixture).await, Vec::<String>::new());
    assert!(store.revision(Kind::Trigger).await.unwrap() > before);
    assert!(!store.delete_rule(second.id.object_id()).await.unwrap());
}

async fn follows_a_rule_that_changes_its_trigger(fixture: Fixture) {
    let store = &fixture.store;
    let rule = store
        .create_rule(&draft("demo", "a", "core.st2.webhook", json!({"url": "x"})))
        .await
        .unwrap();
    let mut changed = draft("demo", "a", "core.st2.webhook", json!({"url": "y"}));
    changed.rule.id = rule.id;

    let replaced = store.replace_rule(&changed).await.unwrap().unwrap();
    let revision = store.revision(Kind::Rule).await.unwrap();
    let again = store.replace_rule(&changed).await.unwrap().unwrap();

    assert_ne!(replaced.trigger.trigger_ref, rule.trigger.trigger_ref);
    assert_eq!(again, replaced);
    assert_eq!(store.revision(Kind::Rule).await.unwrap(), revision);
    assert_eq!(
        triggers(&fixture).await,
        vec![replaced.trigger.trigger_ref.clone()]
    );
    assert_eq!(store.find::<Rule>("demo.a").await.unwrap(), Some(replaced));
}

async fn replaces_nothing_that_is_not_there(fixture: Fixture) {
    let store = &fixture.store;
    let first = store
        .create_rule(&draft("demo", "a", "demo.x", json!({})))
        .await
        .unwrap();
    store
        .create_rule(&draft("demo", "b", "demo.x", json!({})))
        .await
        .unwrap();
    let mut clashing = draft("demo", "b", "demo.x", json!({}));
    clashing.rule.id = first.id;

    assert_eq!(
        store
            .replace_rule(&draft("demo", "c", "demo.x", json!({})))
            .await
            .unwrap(),
        None
    );
    assert!(matches!(
        store.replace_rule(&clashing).await,
        Err(SaveError::Conflict { .. })
    ));
}
