//! `GET /v1/ruleenforcements/views/{id}`

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use super::find;
use super::with_members::with_members;
use crate::{Api, ApiError};

/// One enforcement with its trigger instance and execution inside.
#[utoipa::path(
    get,
    path = "/v1/ruleenforcements/views/{id}",
    tag = "ruleenforcements",
    params(("id" = String, Path, description = "Its id")),
    responses((status = OK, description = "The enforcement", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let enforcement = find(&api, &id).await?;
    let view = with_members(&api, std::slice::from_ref(&enforcement))
        .await?
        .pop();
    Ok(Json(view.unwrap_or_default()))
}
