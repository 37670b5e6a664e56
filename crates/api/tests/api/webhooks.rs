//! Events that other systems post.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use api::ApiOptions;
use auth::Authenticator;
use intake::IntakeOptions;

use crate::harness::App;

#[tokio::test]
async fn what_is_posted_is_stored_before_it_is_accepted() {
    let app = App::new().await;
    let trigger = app.add_hook("deploy").await;

    let answer = app.post("/v1/webhooks/deploy", json!({"kind": "go"})).await;

    assert_eq!(
        (answer.status, &answer.body),
        (StatusCode::ACCEPTED, &json!({"kind": "go"}))
    );
    let stored = app
        .get(&format!(
            "/v1/triggerinstances?trigger={}",
            trigger.trigger_ref
        ))
        .await;
    assert_eq!(stored.header("x-total-count"), "1");
    assert_eq!(stored.body[0]["payload"]["body"], json!({"kind": "go"}));
    assert_eq!(
        stored.body[0]["payload"]["headers_lower"]["content-type"],
        "application/json"
    );
    assert_eq!(
        stored.body[0]["payload"]["headers"]["Content-Type"],
        "application/json"
    );
}

#[tokio::test]
async fn a_form_gives_lists() {
    let app = App::new().await;
    app.add_hook("form").await;

    let form = "application/x-www-form-urlencoded";
    let answer = app
        .send(
            Method::POST,
            "/v1/webhooks/form",
            Body::from("kind=go&x=1&x=2"),
            Some(form),
        )
        .await;

    assert_eq!(
        (answer.status, answer.body),
        (
            StatusCode::ACCEPTED,
            json!({"kind": ["go"], "x": ["1", "2"]})
        )
    );
}

#[tokio::test]
async fn a_hook_may_hold_slashes_and_one_at_its_end_does_not_count() {
    let app = App::new().await;
    app.add_hook("team/deploy/done").await;

    for path in [
        "/v1/webhooks/team/deploy/done",
        "/v1/webhooks/team/deploy/done/",
    ] {
        assert_eq!(
            app.post(path, json!({})).await.status,
            StatusCode::ACCEPTED,
            "{path}"
        );
    }
    let hook = app.get("/v1/webhooks/team/deploy/done").await;
    assert_eq!(hook.body["parameters"]["url"], "team/deploy/done");
    assert_eq!(
        app.get("/v1/webhooks").await.body.as_array().unwrap().len(),
        1
    );
}

#[tokio::test]
async fn an_unknown_hook_is_not_found() {
    let app = App::new().await;

    let answer = app.post("/v1/webhooks/nothing", json!({})).await;

    assert_eq!(
        (answer.status, answer.fault()),
        (StatusCode::NOT_FOUND, "Webhook nothing is not registered")
    );
    assert_eq!(
        app.get("/v1/webhooks/nothing").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_payload_that_does_not_fit_is_refused() {
    let app = App::new().await;
    app.add_hook("strict").await;

    assert_eq!(
        app.post("/v1/webhooks/strict", json!("text")).await.status,
        StatusCode::BAD_REQUEST
    );
    let malformed = app
        .send(Method::POST, "/v1/webhooks/strict", Body::from("{"), None)
        .await;
    assert!(
        malformed
            .fault()
            .starts_with("Failed to parse request body")
    );
}

#[tokio::test]
async fn the_generic_hook_wants_a_known_trigger() {
    let app = App::new().await;

    let missing = app.post("/v1/webhooks/st2", json!({"payload": {}})).await;
    let unknown = app
        .post(
            "/v1/webhooks/st2",
            json!({"trigger": "no.thing", "payload": {}}),
        )
        .await;

    assert_eq!(
        (missing.status, missing.fault()),
        (StatusCode::BAD_REQUEST, "Trigger not specified.")
    );
    assert_eq!(
        (unknown.status, unknown.fault()),
        (StatusCode::BAD_REQUEST, "trigger `no.thing` does not exist")
    );
}

#[tokio::test]
async fn a_sender_may_tag_the_trace() {
    let app = App::new().await;
    app.add_hook("tagged").await;

    let request = Request::post("/v1/webhooks/tagged")
        .header("St2-Trace-Tag", "release-7")
        .body(Body::from("{}"))
        .unwrap();
    app.call(request).await;

    assert_eq!(
        app.get("/v1/traces?trace_tag=release-7")
            .await
            .header("x-total-count"),
        "1"
    );
}

#[tokio::test]
async fn an_instance_can_be_sent_once_more() {
    let app = App::new().await;
    app.add_hook("again").await;
    app.post("/v1/webhooks/again", json!({"n": 1})).await;
    let first = app.get("/v1/triggerinstances").await.body[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();

    let answer = app
        .post(&format!("/v1/triggerinstances/{first}/re_emit"), json!({}))
        .await;

    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.body["payload"]["__context"],
        json!({"original_id": first})
    );
    assert_eq!(
        app.get("/v1/triggerinstances")
            .await
            .header("x-total-count"),
        "2"
    );
    let unknown = app
        .post(
            "/v1/triggerinstances/000000000000000000000000/re_emit",
            json!({}),
        )
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_sender_is_slowed_down_when_too_much_waits() {
    let full = IntakeOptions {
        pending: 0,
        ..IntakeOptions::default()
    };
    let authenticator = Authenticator::Insecure {
        user: "root".into(),
    };
    let app = App::with_intake(authenticator, ApiOptions::default(), full).await;
    app.add_hook("busy").await;

    let answer = app.post("/v1/webhooks/busy", json!({})).await;

    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "1");
    assert!(answer.fault().contains("too many events"));
}

#[tokio::test]
async fn a_hook_takes_objects_and_lists_only() {
    let app = App::new().await;
    app.add_hook("deploy").await;

    for body in [json!(5), json!("x"), json!(null)] {
        let answer = app.post("/v1/webhooks/deploy", body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
    let listed = app.post("/v1/webhooks/deploy", json!([1])).await;
    assert_eq!(listed.status, StatusCode::ACCEPTED);
}
