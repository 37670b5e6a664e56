//! `GET /v1/sensortypes/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::Sensor;

use crate::{Api, ApiError, definition};

/// One sensor.
#[utoipa::path(
    get,
    path = "/v1/sensortypes/{ref_or_id}",
    tag = "sensortypes",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "The sensor", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Sensor>, ApiError> {
    definition::find(&api, &reference).await.map(Json)
}
