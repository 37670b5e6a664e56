//! `GET /v1/executions/{id}/attribute/{attribute}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::Value;

use super::find;
use crate::extract::Params;
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// The members that can be asked for alone.
const KNOWN: [&str; 3] = ["result", "trigger_instance", "status"];

/// One member of an execution; `null` where it has none.
#[utoipa::path(
    get,
    path = "/v1/executions/{id}/attribute/{attribute}",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id"),
        ("attribute" = String, Path, description = "`result`, `trigger_instance` or `status`"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
    ),
    responses((status = OK, description = "Its value", body = Value), (status = 400, description = "There is no such member"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path((id, attribute)): Path<(String, String)>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    if !KNOWN.contains(&attribute.as_str()) {
        return Err(ApiError::BadRequest(format!(
            "Invalid attribute \"{attribute}\" specified. Valid attributes are: {}",
            KNOWN.join(", ")
        )));
    }
    let execution = find(&api, &id).await?;
    let wanted = Projection::Only(vec![attribute.clone()]);
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let mut view = view::execution(&api, execution, &wanted, show_secrets).await?;
    Ok(Json(
        view.get_mut(&attribute)
            .map(Value::take)
            .unwrap_or_default(),
    ))
}
