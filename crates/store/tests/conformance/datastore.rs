//! Keys and values, and the audit log.

use model::{AuditAction, AuditEntry, KeyScope, KeyValue};
use serde_json::json;
use store::{AuditFilter, KeyFilter};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    replaces_an_item_and_tells_what_it_was
    keeps_the_scopes_apart
    hides_and_then_removes_what_expired
    lists_items_by_scope_prefix_and_name
    takes_a_prefix_literally
    lists_the_audit_log_newest_first
}

fn item(scope: KeyScope, name: &str, value: &str) -> KeyValue {
    KeyValue {
        id: id(),
        scope,
        name: name.into(),
        value: value.into(),
        is_secret: false,
        expires_at: None,
        updated_at: noon(),
    }
}

fn user(name: &str) -> KeyScope {
    KeyScope::User(name.into())
}

async fn replaces_an_item_and_tells_what_it_was(fixture: Fixture) {
    let store = &fixture.store;
    let first = item(KeyScope::System, "k", "1");
    let mut second = item(KeyScope::System, "k", "2");
    second.is_secret = true;
    second.expires_at = Some(seconds_later(60));

    assert_eq!(store.put_key(&first).await.unwrap(), None);
    assert_eq!(store.put_key(&second).await.unwrap(), Some(first.clone()));

    second.id = first.id;
    assert_eq!(
        store.key(&KeyScope::System, "k", noon()).await.unwrap(),
        Some(second.clone())
    );
    assert_eq!(
        store.delete_key(&KeyScope::System, "k").await.unwrap(),
        Some(second)
    );
    assert_eq!(
        store.delete_key(&KeyScope::System, "k").await.unwrap(),
        None
    );
    assert_eq!(
        store.key(&KeyScope::System, "k", noon()).await.unwrap(),
        None
    );
}

async fn keeps_the_scopes_apart(fixture: Fixture) {
    let items = [
        item(KeyScope::System, "k", "s"),
        item(user("ada"), "k", "a"),
        item(user(""), "k", "nobody"),
    ];
    for item in &items {
        fixture.store.put_key(item).await.unwrap();
    }

    for item in &items {
        assert_eq!(
            fixture
                .store
                .key(&item.scope, "k", noon())
                .await
                .unwrap()
                .as_ref(),
            Some(item)
        );
    }
}

async fn hides_and_then_removes_what_expired(fixture: Fixture) {
    let store = &fixture.store;
    let mut short = item(KeyScope::System, "short", "1");
    short.expires_at = Some(seconds_later(10));
    store.put_key(&short).await.unwrap();
    store
        .put_key(&item(KeyScope::System, "for ever", "1"))
        .await
        .unwrap();

    assert!(
        store
            .key(&KeyScope::System, "short", seconds_later(9))
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(
        store
            .key(&KeyScope::System, "short", seconds_later(10))
            .await
            .unwrap(),
        None
    );
    assert_eq!(
        store
            .keys(&KeyFilter::default(), ALL, seconds_later(10))
            .await
            .unwrap()
            .total,
        1
    );
    assert_eq!(store.expire_keys(seconds_later(9)).await.unwrap(), vec![]);
    assert_eq!(
        store.expire_keys(seconds_later(10)).await.unwrap(),
        vec![short.clone()]
    );
    let mut later = short.clone();
    store.put_key(&short).await.unwrap();
    later.updated_at = seconds_later(20);
    assert_eq!(store.put_key(&later).await.unwrap(), None);
}

async fn lists_items_by_scope_prefix_and_name(fixture: Fixture) {
    let store = &fixture.store;
    for (scope, name) in [
        (KeyScope::System, "b"),
        (user("ada"), "a.x"),
        (KeyScope::System, "a.y"),
        (user("bob"), "c"),
    ] {
        store.put_key(&item(scope, name, "1")).await.unwrap();
    }
    let names = async |filter: KeyFilter, page| {
        let found = store.keys(&filter, page, noon()).await.unwrap();
        (
            found
                .items
                .into_iter()
                .map(|item| item.name)
                .collect::<Vec<_>>()
                .join(" "),
            found.total,
        )
    };
    let all = KeyFilter::default();

    assert_eq!(names(all.clone(), ALL).await, ("a.x a.y b c".into(), 4));
    assert_eq!(names(all.clone(), page(2, 1)).await, ("a.y b".into(), 4));
    assert_eq!(
        names(
            KeyFilter {
                scopes: vec![KeyScope::System],
                ..all.clone()
            },
            ALL
        )
        .await
        .0,
        "a.y b"
    );
    assert_eq!(
        names(
            KeyFilter {
                scopes: vec![KeyScope::System, user("bob")],
                ..all.clone()
            },
            ALL
        )
        .await
        .0,
        "a.y b c"
    );
    let everybody = KeyFilter {
        scopes: vec![KeyScope::System],
        all_users: true,
        ..all.clone()
    };
    assert_eq!(names(everybody, ALL).await.1, 4);
    assert_eq!(
        names(
            KeyFilter {
                prefix: Some("a.".into()),
                ..all.clone()
            },
            ALL
        )
        .await
        .0,
        "a.x a.y"
    );
    assert_eq!(
        names(
            KeyFilter {
                name: Some("c".into()),
                ..all
            },
            ALL
        )
        .await
        .0,
        "c"
    );
}

async fn takes_a_prefix_literally(fixture: Fixture) {
    for name in ["a%b", "axb", "a_b", "ü1", "ü2"] {
        fixture
            .store
            .put_key(&item(KeyScope::System, name, "1"))
            .await
            .unwrap();
    }

    for (prefix, count) in [("a%", 1), ("a_", 1), ("a", 3), ("ü", 2), ("", 5), ("A", 0)] {
        let filter = KeyFilter {
            prefix: Some(prefix.into()),
            ..KeyFilter::default()
        };
        assert_eq!(
            fixture
                .store
                .keys(&filter, ALL, noon())
                .await
                .unwrap()
                .total,
            count,
            "{prefix}"
        );
    }
}

async fn lists_the_audit_log_newest_first(fixture: Fixture) {
    let store = &fixture.store;
    let entry = |user: &str, resource: &str| AuditEntry {
        id: id(),
        at: noon(),
        user: user.into(),
        action: AuditAction::Execute,
        resource_kind: "action".into(),
        resource: resource.into(),
        details: object(json!({"address": "127.0.0.1"})),
    };
    let entries = [
        entry("ada", "core.local"),
        entry("bob", "core.local"),
        entry("ada", "core.noop"),
    ];
    store.add_audit_entries(&entries).await.unwrap();
    let found = async |filter: AuditFilter| store.audit_entries(&filter, ALL).await.unwrap().items;

    let [first, second, third] = entries;
    let by_ada = AuditFilter {
        user: Some("ada".into()),
        ..AuditFilter::default()
    };
    let about = AuditFilter {
        resource_kind: Some("action".into()),
        resource: Some("core.local".into()),
        ..AuditFilter::default()
    };
    assert_eq!(
        found(AuditFilter::default()).await,
        vec![third.clone(), second.clone(), first.clone()]
    );
    assert_eq!(found(by_ada).await, vec![third, first.clone()]);
    assert_eq!(found(about).await, vec![second, first]);
}
