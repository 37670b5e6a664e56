//! `GET /v1/actionalias/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::ActionAlias;

use crate::{Api, ApiError, definition};

/// One alias.
#[utoipa::path(
    get,
    path = "/v1/actionalias/{ref_or_id}",
    tag = "actionalias",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "The alias", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<ActionAlias>, ApiError> {
    definition::find(&api, &reference).await.map(Json)
}
