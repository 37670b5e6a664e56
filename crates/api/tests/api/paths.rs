//! Paths, methods, headers and bodies, whatever the operation.

use api::ApiOptions;
use auth::Authenticator;
use axum::body::Body;
use http::{Method, Request, StatusCode};
use serde_json::json;

use crate::harness::App;

#[tokio::test]
async fn every_prefix_of_the_proxy_and_a_trailing_slash_lead_to_the_same_place() {
    let app = App::new().await;

    for path in ["/", "/v1", "/v1/", "/api/v1", "/api/v1/"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.body["version"].is_string(), "{path}");
    }
    for path in [
        "/v1/actions/core.noop",
        "/v1/actions/core.noop/",
        "/api/v1/actions/core.noop",
    ] {
        assert_eq!(app.get(path).await.body["ref"], "core.noop", "{path}");
    }
}

#[tokio::test]
async fn an_unknown_path_and_a_wrong_method_are_the_same_404_for_everybody() {
    let app = App::with(Authenticator::Closed, ApiOptions::default()).await;

    for (method, path) in [
        (Method::GET, "/nothing"),
        (Method::GET, "/v1/nothing"),
        (Method::GET, "/v1//actions"),
        (Method::GET, "/v1/actions//"),
        (Method::DELETE, "/v1/runnertypes"),
        (Method::PATCH, "/v1/actions/core.noop"),
    ] {
        let answer = app.send(method, path, Body::empty(), None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(
            answer.body,
            json!({"faultstring": "The resource could not be found."}),
            "{path}"
        );
    }
}

#[tokio::test]
async fn browsers_are_told_what_they_may() {
    let app = App::new().await;

    let asked = app
        .send(Method::OPTIONS, "/v1/executions", Body::empty(), None)
        .await;
    let missed = app.get("/nothing").await;

    assert_eq!(asked.status, StatusCode::OK);
    for answer in [asked, missed] {
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "http://127.0.0.1:3000"
        );
        assert_eq!(
            answer.header("access-control-allow-methods"),
            "GET,POST,PUT,DELETE,OPTIONS"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "true");
        assert!(!answer.header("x-request-id").is_empty());
    }
}

#[tokio::test]
async fn while_nobody_has_to_log_in_pages_of_other_sites_get_nothing() {
    let app = App::new().await;
    let asked_by = async |origin: &str| {
        let request = Request::post("/v1/executions")
            .header("host", "127.0.0.1:9101")
            .header("origin", origin)
            // Browsers send this without asking first.
            .header("content-type", "text/plain")
            .body(Body::from("{\"action\": \"core.noop\"}"))
            .unwrap();
        app.call(request).await.status
    };

    assert_eq!(asked_by("http://evil.example").await, StatusCode::FORBIDDEN);
    assert_eq!(asked_by("http://127.0.0.1:9101").await, StatusCode::CREATED);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_the_callers_fault() {
    let app = App::new().await;
    let post = async |kind: &'static str, body: &'static str| {
        app.send(Method::POST, "/v1/executions", Body::from(body), Some(kind))
            .await
    };

    for (kind, body, expected) in [
        (
            "application/json",
            "{\"action\": ",
            "Failed to parse request body: EOF while parsing",
        ),
        (
            "application/json",
            "[]",
            "Failed to parse request body: an object is expected",
        ),
        ("application/json", "", "'action' is a required property"),
        (
            "text/xml",
            "<a/>",
            "Failed to parse request body: Unsupported Content-Type: \"text/xml\"",
        ),
        (
            "application/x-www-form-urlencoded",
            "action=core.noop",
            "['core.noop'] is not of type 'string'",
        ),
    ] {
        let answer = post(kind, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer.fault().starts_with(expected), "{}", answer.fault());
    }
}

#[tokio::test]
async fn a_body_of_fifty_megabytes_is_refused() {
    let app = App::new().await;

    let answer = app
        .send(
            Method::POST,
            "/v1/executions",
            Body::from(vec![b' '; 50_000_000]),
            None,
        )
        .await;

    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.fault(), "the body is larger than 33554432 bytes");
}

#[tokio::test]
async fn lists_are_paged_and_projected() {
    let app = App::new().await;

    let answer = app
        .get("/v1/runnertypes?limit=2&offset=1&include_attributes=name")
        .await;

    assert_eq!(answer.header("x-total-count"), "15");
    assert_eq!(answer.header("x-limit"), "2");
    assert_eq!(answer.body[0]["name"], "announcement");
    assert_eq!(answer.body[0].as_object().unwrap().len(), 2);
    assert_eq!(
        app.get("/v1/runnertypes?limit=0").await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(app.get("/v1/actions").await.header("x-limit"), "");
}

#[tokio::test]
async fn health_tells_what_is_connected() {
    let app = App::new().await;

    let answer = app.get("/healthz").await;

    assert_eq!(
        answer.body,
        json!({"status": "ok", "store": "sqlite", "bus": "connected"})
    );
}

#[tokio::test]
async fn a_path_that_is_no_text_is_refused_in_the_usual_form() {
    let app = App::new().await;

    for path in ["/v1/keys/%ff", "/v1/keys/a%00b", "/v1/keys?prefix=%00"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(!answer.fault().is_empty(), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_told_with_503() {
    let app = App::new().await;
    app.api.store.close().await;

    let answer = app.get("/v1/executions").await;

    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "1");
    assert!(!answer.fault().is_empty());
}
