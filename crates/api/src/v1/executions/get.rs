//! `GET /v1/executions/{id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use serde_json::Value;

use super::find;
use crate::extract::Params;
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// One execution.
#[utoipa::path(
    get,
    path = "/v1/executions/{id}",
    tag = "executions",
    params(
        ("id" = String, Path, description = "Its id, or `last` for the newest"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
        ("include_attributes" = Option<String>, Query, description = "Answer these members only"),
        ("exclude_attributes" = Option<String>, Query, description = "Leave these members out"),
    ),
    responses((status = OK, description = "The execution", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let wanted = Projection::read(&params, &view::EXECUTION_ATTRIBUTES)?;
    let execution = find(&api, &id).await?;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let view = view::execution(&api, execution, &wanted, show_secrets).await?;
    Ok(Json(wanted.apply(view)))
}
