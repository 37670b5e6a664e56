//! `GET /v1/triggertypes/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::TriggerType;

use crate::{Api, ApiError, definition};

/// One trigger type.
#[utoipa::path(
    get,
    path = "/v1/triggertypes/{ref_or_id}",
    tag = "triggertypes",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "The trigger type", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<TriggerType>, ApiError> {
    definition::find(&api, &reference).await.map(Json)
}
