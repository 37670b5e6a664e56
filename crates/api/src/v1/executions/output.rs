//! `GET /v1/executions/{id}/output`: as text, or as a stream of events.

use axum::Extension;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use model::{Execution, OutputStream, Page};
use store::ExecutionFilter;

use super::find;
use crate::extract::Params;
use crate::prefix::ToStream;
use crate::v1::streams::output_events;
use crate::{Api, ApiError};

/// How many pieces are read at a time.
const PIECES: u32 = 1000;

/// What an execution printed. As events it goes on until the execution ends; that is what the stream service's path,
/// `Accept: text/event-stream`, and anybody who asks while it still runs get. Else it is plain text.
#[utoipa::path(
    get,
    path = "/v1/executions/{id}/output",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id, or `last` for the newest"),
        ("output_type" = Option<String>, Query, description = "`stdout`, `stderr`, `other` or `all` (the default)"),
    ),
    responses((status = OK, description = "Text or events", body = String), (status = 404, description = "There is no such execution"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    to_stream: Option<Extension<ToStream>>,
    Path(id): Path<String>,
    params: Params,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let wanted = wanted(&params);
    let execution = find(&api, &id).await?;
    if let Wanted::Streams(stream) = wanted
        && (to_stream.is_some() || wants_events(&headers, &execution))
    {
        return output_events(api, execution, stream).await;
    }
    let text = match wanted {
        Wanted::Nothing => String::new(),
        Wanted::Streams(stream) if has_progress(&execution) => {
            progress(&api, &execution, stream).await?
        }
        Wanted::Streams(stream) => text(&api, &execution, stream).await?,
    };
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    /// All streams, or one of them.
    Streams(Option<OutputStream>),
    /// A type that nothing is printed under: as in StackStorm no fault, but there is nothing of it.
    Nothing,
}

fn wanted(params: &Params) -> Wanted {
    match params.get("output_type").unwrap_or("all") {
        "all" => Wanted::Streams(None),
        "stdout" => Wanted::Streams(Some(OutputStream::Stdout)),
        "stderr" => Wanted::Streams(Some(OutputStream::Stderr)),
        "other" => Wanted::Streams(Some(OutputStream::Other)),
        _ => Wanted::Nothing,
    }
}

fn wants_events(headers: &HeaderMap, execution: &Execution) -> bool {
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    accept.contains("text/event-stream")
        || (!execution.status.is_final() && !accept.contains("text/plain"))
}

/// Whether what it did is its output: workflows print nothing themselves.
fn has_progress(execution: &Execution) -> bool {
    execution.context.workflow_execution.is_some()
}

/// What a workflow has done, up to the ceiling of histories.
async fn progress(
    api: &Api,
    workflow: &Execution,
    stream: Option<OutputStream>,
) -> Result<String, ApiError> {
    if stream.is_some_and(|stream| stream != OutputStream::Other) {
        return Ok(String::new());
    }
    let filter = ExecutionFilter {
        parent: Some(Some(workflow.id)),
        oldest_first: true,
        ..ExecutionFilter::default()
    };
    let page = Page {
        limit: api.options.history_ceiling,
        offset: 0,
    };
    let children = api.store.executions(&filter, page).await?.items;
    Ok(executions::progress(workflow, &children))
}

async fn text(
    api: &Api,
    execution: &Execution,
    stream: Option<OutputStream>,
) -> Result<String, ApiError> {
    let (mut text, mut next) = (String::new(), 0);
    loop {
        let pieces = api.store.output(execution.id, stream, next, PIECES).await?;
        let Some(last) = pieces.last() else {
            return Ok(text);
        };
        next = last.sequence + 1;
        text.extend(pieces.iter().map(|piece| piece.data.as_str()));
    }
}
