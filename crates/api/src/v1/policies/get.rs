//! `GET /v1/policies/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::Policy;

use crate::{Api, ApiError, definition};

/// One policy.
#[utoipa::path(
    get,
    path = "/v1/policies/{ref_or_id}",
    tag = "policies",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "The policy", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Policy>, ApiError> {
    definition::find(&api, &reference).await.map(Json)
}
