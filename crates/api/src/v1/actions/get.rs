//! `GET /v1/actions/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::Action;

use crate::{Api, ApiError, definition};

/// One action.
#[utoipa::path(
    get,
    path = "/v1/actions/{ref_or_id}",
    tag = "actions",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "The action", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Action>, ApiError> {
    definition::find(&api, &reference).await.map(Json)
}
