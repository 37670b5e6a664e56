//! `GET /v1/config_schemas/{pack_ref}`

use axum::Json;
use axum::extract::{Path, State};
use model::PackConfigSchema;

use crate::pack_file::find_pack;
use crate::{Api, ApiError};

/// The configuration schema of a pack.
#[utoipa::path(
    get,
    path = "/v1/config_schemas/{pack_ref}",
    tag = "config_schemas",
    params(("pack_ref" = String, Path, description = "The pack's ref or id")),
    responses(
        (status = OK, description = "The schema", body = Object),
        (status = 404, description = "There is no such pack, or it has none"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<PackConfigSchema>, ApiError> {
    let pack = find_pack(&api, &reference).await?;
    let found = api.store.find(&pack.pack_ref).await?;
    found.map(Json).ok_or_else(|| {
        ApiError::NotFound(format!(
            "Unable to identify resource with pack_ref \"{reference}\"."
        ))
    })
}
