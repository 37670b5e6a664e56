//! `GET /v1/policytypes/{ref_or_id}`

use axum::Json;
use axum::extract::Path;
use serde_json::Value;

use super::all;
use crate::ApiError;

/// One kind of policies.
#[utoipa::path(
    get,
    path = "/v1/policytypes/{ref_or_id}",
    tag = "policytypes",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "The kind", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(Path(reference): Path<String>) -> Result<Json<Value>, ApiError> {
    let found = all()
        .into_iter()
        .find(|kind| kind["ref"] == reference.as_str() || kind["id"] == reference.as_str());
    found.map(Json).ok_or_else(|| {
        ApiError::NotFound(format!(
            "PolicyType with a reference of id \"{reference}\" not found."
        ))
    })
}
