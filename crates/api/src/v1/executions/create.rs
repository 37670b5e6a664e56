//! `POST /v1/executions`

use std::time::Duration;

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use executions::ExecutionRequest;
use http::{HeaderMap, StatusCode};
use model::{AuditAction, ExecutionStatus, Object};
use serde_json::Value;

use super::context;
use crate::extract::{Body, Fields, Params, on_behalf_of};
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Asks for an action to be run. Answers once that is stored, not once it ran.
#[utoipa::path(
    post,
    path = "/v1/executions",
    tag = "executions",
    params(("show_secrets" = Option<bool>, Query, description = "Do not mask secrets")),
    request_body(content = Object, description = "`action`, and as wanted `parameters`, `delay` (ms), `notify`, `context`"),
    responses(
        (status = CREATED, description = "The execution", body = Object),
        (status = 400, description = "There is no such action, or its parameters do not fit"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    params: Params,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let request = request(&api, &caller, &headers, &body).await?;
    let action = request.action.clone();
    let execution = api.executions.request(request).await?;
    api.record(&caller, AuditAction::Execute, "action", &action)
        .await;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let mut view = view::execution(&api, execution, &Projection::All, show_secrets).await?;
    // As it was requested: whoever conducts it may have asked for tasks since.
    if let Some(members) = view.as_object_mut() {
        members.remove("children");
    }
    Ok((StatusCode::CREATED, Json(view)))
}

async fn request(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    body: &Object,
) -> Result<ExecutionRequest, ApiError> {
    let fields = Fields(body);
    fields.word_of("status", ExecutionStatus::ALL)?;
    let action = fields.required_text("action")?.to_owned();
    let user = on_behalf_of(caller, fields.text("user")?)?;
    Ok(ExecutionRequest {
        action,
        parameters: fields.object("parameters")?.cloned().unwrap_or_default(),
        context: context::read(api, user, headers, fields.object("context")?).await?,
        delay: delay(fields)?,
        notify: notify(fields)?,
        variables: Vec::new(),
    })
}

/// `notify`: what is told to whom at which end.
fn notify(fields: Fields<'_>) -> Result<Object, ApiError> {
    let Some(notify) = fields.object("notify")? else {
        return Ok(Object::new());
    };
    let ends = ["on-complete", "on-failure", "on-success"];
    let given = Fields(notify).only(&ends)?;
    for end in ends {
        let Some(told) = given.object(end)? else {
            continue;
        };
        let told = Fields(told).only(&["message", "data", "routes", "channels"])?;
        told.text("message")?;
        told.object("data")?;
        told.list("routes")?;
        told.list("channels")?;
    }
    Ok(notify.clone())
}

/// `delay`, in milliseconds.
pub(super) fn delay(fields: Fields<'_>) -> Result<Option<Duration>, ApiError> {
    let Some(delay) = fields.integer("delay")? else {
        return Ok(None);
    };
    match u64::try_from(delay) {
        Ok(0) => Ok(None),
        Ok(delay) => Ok(Some(Duration::from_millis(delay))),
        Err(_) => Err(ApiError::BadRequest(format!(
            "{delay} is less than the minimum of 0"
        ))),
    }
}
