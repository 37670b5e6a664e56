//! The datastore.

use std::time::Duration;

use http::StatusCode;
use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn an_item_is_stored_shown_changed_and_removed() {
    let app = App::new().await;

    let made = app
        .put("/v1/keys/color", json!({"name": "color", "value": "red"}))
        .await;
    let changed = app
        .put("/v1/keys/color", json!({"name": "other", "value": "blue"}))
        .await;

    assert_eq!(made.status, StatusCode::OK);
    assert_eq!(changed.body["id"], made.body["id"]);
    assert_eq!(
        app.get("/v1/keys/color").await.body,
        json!({
            "uid": "key_value_pair:st2kv.system:color", "scope": "st2kv.system", "name": "color", "value": "blue",
            "secret": false, "encrypted": false, "id": made.body["id"],
        })
    );
    assert_eq!(
        app.delete("/v1/keys/color").await.status,
        StatusCode::NO_CONTENT
    );
    let gone = app.get("/v1/keys/color").await;
    assert_eq!(
        (gone.status, gone.fault()),
        (
            StatusCode::NOT_FOUND,
            "The key \"color\" does not exist in the datastore."
        )
    );
    assert_eq!(
        app.delete("/v1/keys/color").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_secret_is_shown_sealed_until_it_is_asked_for() {
    let app = App::new().await;

    let made = app
        .put(
            "/v1/keys/pw",
            json!({"name": "pw", "value": "hunter2", "secret": true}),
        )
        .await;
    let listed = app.get("/v1/keys?prefix=p").await;

    assert!(!made.body.to_string().contains("hunter2"));
    assert!(!listed.body.to_string().contains("hunter2"));
    assert_eq!(made.body["encrypted"], true);
    let opened = app.get("/v1/keys/pw?decrypt=true").await;
    assert_eq!(
        (&opened.body["value"], &opened.body["encrypted"]),
        (&json!("hunter2"), &json!(false))
    );
    let sealed = made.body["value"].clone();
    let loaded = app
        .put(
            "/v1/keys/copy",
            json!({"name": "copy", "value": sealed, "encrypted": true}),
        )
        .await;
    assert_eq!(loaded.status, StatusCode::OK);
    assert_eq!(
        app.get("/v1/keys/copy?decrypt=true").await.body["value"],
        "hunter2"
    );
    let bad = app
        .put(
            "/v1/keys/x",
            json!({"name": "x", "value": "nothex", "encrypted": true}),
        )
        .await;
    assert!(bad.fault().starts_with("Failed to verify the integrity"));
}

#[tokio::test]
async fn a_users_items_are_apart_from_the_systems() {
    let app = App::new().await;

    app.put(
        "/v1/keys/k",
        json!({"name": "k", "value": "mine", "scope": "user"}),
    )
    .await;

    let mine = app.get("/v1/keys/k?scope=user").await;
    assert_eq!(
        (&mine.body["uid"], &mine.body["user"]),
        (&json!("key_value_pair:st2kv.user:root:k"), &json!("root"))
    );
    assert_eq!(app.get("/v1/keys/k").await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.get("/v1/keys").await.body, json!([]));
    assert_eq!(
        app.get("/v1/keys?scope=all")
            .await
            .body
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let other = app
        .put(
            "/v1/keys/k",
            json!({"name": "k", "value": "x", "scope": "user", "user": "bob"}),
        )
        .await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_item_with_a_time_to_live_goes_away() {
    let app = App::new().await;

    let made = app
        .put("/v1/keys/t", json!({"name": "t", "value": "x", "ttl": 60}))
        .await;
    assert_eq!(made.body["expire_timestamp"], "2026-01-01T12:01:00.000000Z");
    assert_eq!(app.get("/v1/keys/t").await.status, StatusCode::OK);
    app.api.clock.advance(Duration::from_secs(61));

    assert_eq!(app.get("/v1/keys/t").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_no_item_is_refused() {
    let app = App::new().await;

    for (body, fault) in [
        (json!({"name": "k"}), "'value' is a required property"),
        (
            json!({"name": "k", "value": 5}),
            "5 is not of type 'string'",
        ),
        (
            json!({"name": "k", "value": {"a": 1}}),
            "{'a': 1} is not of type 'string'",
        ),
        (json!({"value": "x"}), "'name' is a required property"),
        (
            json!({"name": "k", "value": "x", "scope": "nothing"}),
            "Scope st2kv.nothing is not in allowed scopes list: ['system', 'user', 'st2kv.system', 'st2kv.user'].",
        ),
    ] {
        let answer = app.put("/v1/keys/k", body).await;
        assert_eq!(
            (answer.status, answer.fault()),
            (StatusCode::BAD_REQUEST, fault)
        );
    }
}

#[tokio::test]
async fn rules_hear_of_changes_that_they_listen_to_and_never_of_secrets() {
    let app = App::new().await;
    for what in ["create", "value_change", "delete"] {
        let name = format!("st2.key_value_pair.{what}");
        app.add_rule(&format!("core.{name}"), &name, json!({}))
            .await;
    }

    for value in ["hunter1", "hunter2", "hunter2"] {
        app.put(
            "/v1/keys/pw",
            json!({"name": "pw", "value": value, "secret": true}),
        )
        .await;
    }
    app.delete("/v1/keys/pw").await;

    let told = app.get("/v1/triggerinstances?sort_asc=True").await.body;
    let triggers: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["trigger"].as_str().unwrap())
        .collect();
    assert_eq!(
        triggers,
        [
            "core.st2.key_value_pair.create",
            "core.st2.key_value_pair.value_change",
            "core.st2.key_value_pair.delete"
        ]
    );
    assert_eq!(told[1]["payload"]["new_object"]["name"], "pw");
    assert!(!told.to_string().contains("hunter"));
}
