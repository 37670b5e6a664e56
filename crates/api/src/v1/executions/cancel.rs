//! `DELETE /v1/executions/{id}`: cancels; nothing is removed.

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use executions::CancelError;
use model::AuditAction;
use serde_json::{Value, json};

use crate::extract::{Params, parse_id};
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Asks an execution to end. One that has ended stays as it is: as in StackStorm that is answered with 200 and a
/// `faultstring`.
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
    let execution = match api.executions.cancel(parse_id(&id)?, &caller.user).await {
        Ok(execution) => execution,
        Err(CancelError::Ended(execution)) => {
            let status = execution.status;
            return Ok(Json(
                json!({"faultstring": format!("Action cannot be canceled. State = {status}.")}),
            ));
        }
        Err(error) => return Err(error.into()),
    };
    api.record(&caller, AuditAction::Execute, "execution", &id)
        .await;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    view::execution(&api, execution, &Projection::All, show_secrets)
        .await
        .map(Json)
}
