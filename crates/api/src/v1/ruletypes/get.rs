//! `GET /v1/ruletypes/{name_or_id}`

use axum::Json;
use axum::extract::Path;
use serde_json::Value;

use super::all;
use crate::ApiError;

/// One kind of rules.
#[utoipa::path(
    get,
    path = "/v1/ruletypes/{name_or_id}",
    tag = "ruletypes",
    params(("name_or_id" = String, Path, description = "Its name or id")),
    responses((status = OK, description = "The kind", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(Path(name): Path<String>) -> Result<Json<Value>, ApiError> {
    let found = all()
        .into_iter()
        .find(|kind| kind["name"] == name.as_str() || kind["id"] == name.as_str());
    found.map(Json).ok_or_else(|| {
        ApiError::NotFound(format!("Resource with a name or id \"{name}\" not found"))
    })
}
