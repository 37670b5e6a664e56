//! `GET /v1/runnertypes/{name_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::RunnerType;

use crate::{Api, ApiError};

/// One runner type.
#[utoipa::path(
    get,
    path = "/v1/runnertypes/{name_or_id}",
    tag = "runnertypes",
    params(("name_or_id" = String, Path, description = "Its name or id")),
    responses((status = OK, description = "The runner type", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(name): Path<String>,
) -> Result<Json<RunnerType>, ApiError> {
    find(&api, &name).await.map(Json)
}

/// The runner type with this name or id.
pub(super) async fn find(api: &Api, name: &str) -> Result<RunnerType, ApiError> {
    let found = api.store.find(name).await?;
    found.ok_or_else(|| {
        ApiError::NotFound(format!("Resource with a name or id \"{name}\" not found"))
    })
}
