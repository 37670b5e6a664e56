//! `GET /v1/packs/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::Pack;

use crate::pack_file::find_pack;
use crate::{Api, ApiError};

/// One pack.
#[utoipa::path(
    get,
    path = "/v1/packs/{ref_or_id}",
    tag = "packs",
    params(("ref_or_id" = String, Path, description = "Its ref or id")),
    responses((status = OK, description = "The pack", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Pack>, ApiError> {
    find_pack(&api, &reference).await.map(Json)
}
