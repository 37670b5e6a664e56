//! Where a caller says an execution comes from: the body's `context`, and the header `ST2-Context`.

use http::HeaderMap;
use model::{ExecutionContext, Object, TraceContext};
use serde_json::Value;

use crate::extract::{Fields, parse_id};
use crate::{Api, ApiError};

const HEADER: &str = "st2-context";
/// What callers cannot say: the engine does.
const OURS: [&str; 5] = ["user", "pack", "rule", "trigger_instance", "re-run"];

/// The context of a new execution for `user`.
pub(in crate::v1) async fn read(
    api: &Api,
    user: String,
    headers: &HeaderMap,
    body: Option<&Object>,
) -> Result<ExecutionContext, ApiError> {
    let mut extra = body.cloned().unwrap_or_default();
    extra.extend(header(headers)?);
    extra.retain(|name, _| !OURS.contains(&name.as_str()));
    let trace = match extra.get("trace_context") {
        Some(Value::Object(named)) => trace(api, named).await?,
        Some(_) | None => None,
    };
    Ok(ExecutionContext {
        user,
        trace,
        extra,
        ..ExecutionContext::default()
    })
}

fn header(headers: &HeaderMap) -> Result<Object, ApiError> {
    let Some(value) = headers.get(HEADER).filter(|value| !value.is_empty()) else {
        return Ok(Object::new());
    };
    serde_json::from_slice(value.as_bytes()).map_err(|_| {
        ApiError::bad_request("Unable to convert st2-context from the headers into JSON.")
    })
}

/// A trace that exists, by `id_`, or a new one with this `trace_tag`.
async fn trace(api: &Api, named: &Object) -> Result<Option<TraceContext>, ApiError> {
    let fields = Fields(named);
    if let Some(id) = fields.text("id_")? {
        let found = api.store.trace(parse_id(id)?).await?;
        return found
            .map(|trace| Some(trace.context))
            .ok_or_else(|| ApiError::unknown_id(id));
    }
    let tag = fields.text("trace_tag")?;
    Ok(tag.map(|tag| TraceContext {
        id: api.ids.next(api.clock.now()),
        tag: tag.to_owned(),
    }))
}
