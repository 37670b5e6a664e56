//! `/v1/stream` and the output of executions, as server-sent events.

use std::convert::Infallible;

use auth::Permission;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::{Stream, StreamExt};
use http::{HeaderValue, header};
use serde_json::Value;
use utoipa_axum::routes;

use crate::operations::Operations;

mod events;
mod output;
mod pattern;

pub(crate) use output::output_events;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations.add(Permission::StreamView, routes!(events::handle))
}

/// One event of a stream.
#[derive(Debug, Clone, PartialEq)]
struct Told {
    name: String,
    body: Value,
}

impl Told {
    fn event(self) -> Event {
        Event::default()
            .event(self.name)
            .data(self.body.to_string())
    }
}

/// A stream as StackStorm's clients expect it, with signs of life while nothing happens.
fn answer(events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let mut response = Sse::new(events.map(Ok::<_, Infallible>))
        .keep_alive(KeepAlive::default())
        .into_response();
    let content_type = HeaderValue::from_static("text/event-stream; charset=UTF-8");
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}
