//! `PUT /v1/executions/{id}`: changes where an execution stands.

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use executions::CancelError;
use model::{AuditAction, Execution, ExecutionStatus, Object};
use serde_json::Value;

use super::find;
use crate::extract::{Body, Fields, Params, missing};
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Cancels (`canceled`), pauses a workflow (`pausing`) or lets it go on (`resuming`), or says how an open execution ended. What has ended stays as it is: 400.
#[utoipa::path(
    put,
    path = "/v1/executions/{id}",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
    ),
    request_body(content = Object, description = "`status`, and as wanted `result`"),
    responses(
        (status = OK, description = "As it is now", body = Object),
        (status = 400, description = "That state cannot be reached"),
        (status = 404, description = "There is none"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    params: Params,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let status = status(&body)?;
    Fields(&body)
        .only(&["status", "result"])?
        .object("result")?;
    let execution = find(&api, &id).await?;
    if execution.status.is_final() {
        return Err(already_ended());
    }
    let execution = changed(&api, &caller, execution, status, body.get("result")).await?;
    api.record(&caller, AuditAction::Execute, "execution", &id)
        .await;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    view::execution(&api, execution, &Projection::All, show_secrets)
        .await
        .map(Json)
}

fn status(body: &Object) -> Result<ExecutionStatus, ApiError> {
    Fields(body)
        .word_of("status", ExecutionStatus::ALL)?
        .ok_or_else(|| missing("status"))
}

fn already_ended() -> ApiError {
    ApiError::bad_request("Execution is already in completed state.")
}

async fn changed(
    api: &Api,
    caller: &Caller,
    execution: Execution,
    status: ExecutionStatus,
    result: Option<&Value>,
) -> Result<Execution, ApiError> {
    use ExecutionStatus as S;
    let (id, user) = (execution.id, caller.user.as_str());
    match status {
        S::Canceling | S::Canceled => match api.executions.cancel(id, user).await {
            Err(CancelError::Ended(_)) => Err(already_ended()),
            other => Ok(other?),
        },
        S::Pausing | S::Paused => Ok(api.executions.pause(id, user).await?),
        S::Resuming => Ok(api.executions.resume(id, user).await?),
        // That it goes on is all that can be meant by it.
        S::Running if model::is_conducted(&execution.runner) => {
            Ok(api.executions.resume(id, user).await?)
        }
        S::Succeeded
        | S::Failed
        | S::TimedOut
        | S::Abandoned
        | S::Requested
        | S::Delayed
        | S::Scheduled
        | S::Running
        | S::Pending => Ok(api.executions.settle(id, status, result.cloned()).await?),
    }
}
