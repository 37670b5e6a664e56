//! `DELETE /v1/executions/{id}`: cancels; nothing is removed.

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use executions::CancelError;
use model::{AuditAction, ExecutionStatus};
use serde_json::{Value, json};

use crate::extract::{Params, parse_id};
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Asks an execution to end. One that has ended stays as it is, and so does an inquiry that waits for its answer: as in
/// StackStorm that is answered with 200 and a `faultstring`. (`PUT` with the status `canceled` ends an inquiry too.)
#[utoipa::path(
    delete,
    path = "/v1/executions/{id}",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
    ),
    responses((status = OK, description = "The execution, on its way to its end", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    if api.executions.inquiry(parse_id(&id)?).await.is_ok() {
        return Ok(refused(ExecutionStatus::Pending));
    }
    let execution = match api.executions.cancel(parse_id(&id)?, &caller.user).await {
        Ok(execution) => execution,
        Err(CancelError::Ended(execution)) => return Ok(refused(execution.status)),
        Err(error) => return Err(error.into()),
    };
    api.record(&caller, AuditAction::Execute, "execution", &id)
        .await;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    view::execution(&api, execution, &Projection::All, show_secrets)
        .await
        .map(Json)
}

fn refused(status: ExecutionStatus) -> Json<Value> {
    let fault = format!("Action cannot be canceled. State = {status}.");
    Json(json!({ "faultstring": fault }))
}
