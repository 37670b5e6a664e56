//! `GET /v1/ruleenforcements/{id}`

use axum::Json;
use axum::extract::{Path, State};
use model::Object;

use super::find;
use crate::{Api, ApiError, view};

/// One enforcement.
#[utoipa::path(
    get,
    path = "/v1/ruleenforcements/{id}",
    tag = "ruleenforcements",
    params(("id" = String, Path, description = "Its id")),
    responses((status = OK, description = "The enforcement", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<Object>, ApiError> {
    Ok(Json(view::enforcement(&find(&api, &id).await?)))
}
