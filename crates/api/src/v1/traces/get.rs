//! `GET /v1/traces/{id}`

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use crate::extract::parse_id;
use crate::{Api, ApiError, view};

/// One trace with all its members.
#[utoipa::path(
    get,
    path = "/v1/traces/{id}",
    tag = "traces",
    params(("id" = String, Path, description = "Its id")),
    responses((status = OK, description = "The trace", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let found = api.store.trace(parse_id(&id)?).await?;
    found
        .map(|trace| Json(view::trace(&trace)))
        .ok_or_else(|| ApiError::unknown_id(id))
}
