//! Following the output of an execution.

use futures::StreamExt;
use reqwest::Response;
use serde_json::{Value, json};

use super::http::{Client, ClientError, Query, add, segment};
use super::output::{print, print_raw, text_at};
use super::sse::{Event, EventReader};
use super::wait;

/// The name of the event that carries output.
pub(crate) const OUTPUT: &str = "st2.execution.output__create";
/// The name of the event that ends the stream.
const END: &str = "EOF";

/// Prints the output itself.
pub(crate) fn as_text(piece: &Value) -> anyhow::Result<()> {
    print_raw(text_at(piece, "data"))
}

/// Prints each piece as a line of JSON.
pub(crate) fn as_json(piece: &Value) -> anyhow::Result<()> {
    print(&piece.to_string())
}

/// Hands on what the execution has written and goes on writing, until it has ended. Returns it then.
///
/// Reads the stream service's events; a server that has none there is asked for the plain text instead.
pub(crate) async fn follow<S>(
    client: &Client,
    id: &str,
    output_type: Option<&str>,
    mut sink: S,
) -> anyhow::Result<Value>
where
    S: FnMut(&Value) -> anyhow::Result<()>,
{
    let path = format!("/v1/executions/{}/output", segment(id));
    let mut query = Query::new();
    add(&mut query, "output_type", output_type);
    let response = match client.stream(&path, &query).await? {
        Some(response) => response,
        None => client.open(&path, &query).await?,
    };
    if is_event_stream(&response) {
        take_events(response, output_type, &mut sink).await?;
    } else {
        take_text(response, &mut sink).await?;
    }
    Ok(wait::until_final(client, id).await?)
}

fn is_event_stream(response: &Response) -> bool {
    let kind = response
        .headers()
        .get("content-type")
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

async fn take_events<S>(
    response: Response,
    output_type: Option<&str>,
    sink: &mut S,
) -> anyhow::Result<()>
where
    S: FnMut(&Value) -> anyhow::Result<()>,
{
    let mut reader = EventReader::default();
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        for event in reader.push(&chunk.map_err(broken)?) {
            if event.name == END {
                return Ok(());
            }
            if let Some(piece) = output_of(&event, output_type) {
                sink(&piece)?;
            }
        }
    }
    Ok(())
}

async fn take_text<S>(response: Response, sink: &mut S) -> anyhow::Result<()>
where
    S: FnMut(&Value) -> anyhow::Result<()>,
{
    let mut chunks = response.bytes_stream();
    while let Some(chunk) = chunks.next().await {
        sink(&json!({ "data": String::from_utf8_lossy(&chunk.map_err(broken)?) }))?;
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is used as `map_err(broken)`"
)]
pub(crate) fn broken(error: reqwest::Error) -> ClientError {
    let url = error.url().map(ToString::to_string).unwrap_or_default();
    ClientError::Broken {
        url,
        reason: "the stream broke off".to_owned(),
    }
}

/// The piece of output that an event carries, if it is of the wanted kind.
fn output_of(event: &Event, output_type: Option<&str>) -> Option<Value> {
    if event.name != OUTPUT {
        return None;
    }
    let piece: Value = serde_json::from_str(&event.data).ok()?;
    let is_wanted = output_type.is_none_or(|wanted| text_at(&piece, "output_type") == wanted);
    is_wanted.then_some(piece)
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use axum::{Json, Router};

    use super::*;
    use crate::client::test_server::client_of;

    const EVENTS: &str = "event: st2.execution.output__create\n\
                          data: {\"output_type\": \"stdout\", \"data\": \"one\\n\"}\n\n\
                          event: st2.execution__update\ndata: {}\n\n\
                          event: st2.execution.output__create\n\
                          data: {\"output_type\": \"stderr\", \"data\": \"oh\\n\"}\n\n\
                          event: EOF\ndata: ''\n\n";

    fn ended() -> Router {
        let execution = || async { Json(json!({ "id": "1", "status": "succeeded" })) };
        Router::new().route("/v1/executions/1", get(execution))
    }

    async fn followed(router: Router, output_type: Option<&str>) -> (String, Value) {
        let client = client_of(router).await;
        let mut text = String::new();
        let sink = |piece: &Value| {
            text.push_str(text_at(piece, "data"));
            Ok(())
        };
        let execution = follow(&client, "1", output_type, sink).await.unwrap();
        (text, execution)
    }

    #[tokio::test]
    async fn follows_the_events_of_the_stream_service() {
        let events = || async { ([("content-type", "text/event-stream")], EVENTS) };
        let router = ended().route("/stream/v1/executions/1/output", get(events));

        let (text, execution) = followed(router.clone(), None).await;
        let (errors, _) = followed(router, Some("stderr")).await;

        assert_eq!((text.as_str(), errors.as_str()), ("one\noh\n", "oh\n"));
        assert_eq!(execution["status"], "succeeded");
    }

    #[tokio::test]
    async fn takes_plain_text_where_there_is_no_stream_service() {
        let router = ended().route("/v1/executions/1/output", get(|| async { "one\ntwo\n" }));

        let (text, _) = followed(router, None).await;

        assert_eq!(text, "one\ntwo\n");
    }
}
