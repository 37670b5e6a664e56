//! Server-sent events.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures::StreamExt;
use http::Request;
use model::{Execution, OutputLine, OutputStream};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::harness::App;

/// The events of a stream, read one by one.
struct Events {
    body: BodyDataStream,
    text: String,
}

impl Events {
    async fn of(app: &App, path: &str) -> Self {
        let response = app
            .router
            .clone()
            .oneshot(Request::get(path).body(Body::empty()).unwrap())
            .await
            .unwrap();
        assert_eq!(
            response.headers()["content-type"],
            "text/event-stream; charset=UTF-8"
        );
        Self {
            body: response.into_body().into_data_stream(),
            text: String::new(),
        }
    }

    /// Name and body of the next event; `None` where the stream ends.
    async fn next(&mut self) -> Option<(String, String)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name))
                        .unwrap_or_default()
                };
                let found = (line("event: ").to_owned(), line("data: ").to_owned());
                self.text = rest.to_string();
                return Some(found);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.body.next())
                .await
                .expect("an event in time")?;
            self.text
                .push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }
}

#[tokio::test]
async fn a_listener_hears_of_executions_as_they_are_requested() {
    let app = App::new().await;
    let mut events = Events::of(&app, "/stream/v1/stream").await;

    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;

    let (live_action, _) = events.next().await.unwrap();
    let (execution, body) = events.next().await.unwrap();
    assert_eq!(
        (live_action.as_str(), execution.as_str()),
        ("st2.liveaction__create", "st2.execution__create")
    );
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&body["id"], &body["action"]["ref"]),
        (&made.body["id"], &json!("core.noop"))
    );
}

#[tokio::test]
async fn a_listener_hears_only_what_it_asked_for() {
    let app = App::new().await;
    let mut events = Events::of(
        &app,
        "/v1/stream?events=st2.execution__create&action_refs=core.echo",
    )
    .await;

    app.post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let wanted = app
        .post(
            "/v1/executions",
            json!({"action": "core.echo", "parameters": {"message": "x"}}),
        )
        .await;

    let (name, body) = events.next().await.unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (name.as_str(), &body["id"]),
        ("st2.execution__create", &wanted.body["id"])
    );
}

#[tokio::test]
async fn streams_end_when_the_process_drains() {
    let app = App::new().await;
    let mut events = Events::of(&app, "/v1/stream").await;

    app.tasks.shutdown().drain();

    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn output_is_told_from_its_beginning_and_once_and_ends_with_the_execution() {
    let app = App::new().await;
    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let id = made.body["id"].as_str().unwrap();
    let line = |sequence: u64, stream: OutputStream, data: &str| OutputLine {
        execution_id: id.parse().unwrap(),
        sequence,
        stream,
        data: data.to_owned(),
        timestamp: app.api.clock.now(),
    };
    let stored = [
        line(0, OutputStream::Stdout, "one\n"),
        line(1, OutputStream::Stderr, "two\n"),
    ];
    app.api.store.add_output(&stored).await.unwrap();
    let mut events = Events::of(&app, &format!("/v1/executions/{id}/output")).await;

    let (name, first) = events.next().await.unwrap();
    let (_, second) = events.next().await.unwrap();
    let late = [
        line(1, OutputStream::Stderr, "two\n"),
        line(2, OutputStream::Stdout, "three\n"),
    ];
    app.api.store.add_output(&late[1..]).await.unwrap();
    app.api
        .bus
        .tell(bus::News::Announcement(bus::Announcement::Output(
            late.to_vec(),
        )));
    let (_, third) = events.next().await.unwrap();
    app.put(
        &format!("/v1/executions/{id}"),
        json!({"status": "succeeded"}),
    )
    .await;
    let end = events.next().await.unwrap();

    assert_eq!(name, "st2.execution.output__create");
    let data = |body: &str| serde_json::from_str::<Value>(body).unwrap()["data"].clone();
    assert_eq!(
        [data(&first), data(&second), data(&third)],
        [json!("one\n"), json!("two\n"), json!("three\n")]
    );
    assert_eq!(end, ("EOF".to_owned(), "''".to_owned()));
    assert_eq!(events.next().await, None);
    assert_eq!(
        app.get(&format!("/v1/executions/{id}/output")).await.body,
        "one\ntwo\nthree\n"
    );
    assert_eq!(
        app.get(&format!("/v1/executions/{id}/output?output_type=stderr"))
            .await
            .body,
        "two\n"
    );
}

#[tokio::test]
async fn output_of_an_execution_without_any_ends_at_once_when_it_has_ended() {
    let app = App::new().await;
    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let execution: Execution = app
        .api
        .store
        .execution(made.body["id"].as_str().unwrap().parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    app.delete(&format!("/v1/executions/{}", execution.id))
        .await;

    let mut events = Events::of(
        &app,
        &format!("/stream/v1/executions/{}/output", execution.id),
    )
    .await;

    assert_eq!(
        events.next().await,
        Some(("EOF".to_owned(), "''".to_owned()))
    );
}

#[tokio::test]
async fn who_waits_for_an_end_hears_what_was_printed_before_and_an_end_that_has_come() {
    let app = App::new().await;
    let made = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let id = made.body["id"].as_str().unwrap();
    let line = |sequence: u64, data: &str| OutputLine {
        execution_id: id.parse().unwrap(),
        sequence,
        stream: OutputStream::Stdout,
        data: data.to_owned(),
        timestamp: app.api.clock.now(),
    };
    let path = format!(
        "/v1/stream?events=st2.execution__update,st2.execution.output__create&end_execution_id={id}"
    );
    app.api.store.add_output(&[line(0, "one\n")]).await.unwrap();
    let mut early = Events::of(&app, &path).await;
    let (_, first) = early.next().await.unwrap();
    let told = [line(0, "one\n"), line(1, "two\n")];
    app.api.store.add_output(&told[1..]).await.unwrap();
    app.api
        .bus
        .tell(bus::News::Announcement(bus::Announcement::Output(
            told.to_vec(),
        )));
    let (_, second) = early.next().await.unwrap();
    let change = json!({"status": "succeeded"});
    app.put(&format!("/v1/executions/{id}"), change).await;
    let (_, end) = early.next().await.unwrap();

    let mut late = Events::of(&app, &path).await;
    let mut late_events = Vec::new();
    while let Some((name, body)) = late.next().await {
        let body: Value = serde_json::from_str(&body).unwrap();
        late_events.push((name, body["data"].clone(), body["status"].clone()));
    }

    let member =
        |body: &str, name: &str| serde_json::from_str::<Value>(body).unwrap()[name].clone();
    assert_eq!(
        [member(&first, "data"), member(&second, "data")],
        [json!("one\n"), json!("two\n")]
    );
    assert_eq!(member(&end, "status"), "succeeded");
    assert_eq!(early.next().await, None);
    let output = "st2.execution.output__create".to_owned();
    let update = "st2.execution__update".to_owned();
    assert_eq!(
        late_events,
        [
            (output.clone(), json!("one\n"), Value::Null),
            (output, json!("two\n"), Value::Null),
            (update, Value::Null, json!("succeeded")),
        ]
    );
}
