//! `GET /v1/triggers/{id}`

use axum::Json;
use axum::extract::{Path, State};
use model::Trigger;

use super::find;
use crate::{Api, ApiError};

/// One trigger.
#[utoipa::path(
    get,
    path = "/v1/triggers/{id}",
    tag = "triggers",
    params(("id" = String, Path, description = "Its id")),
    responses((status = OK, description = "The trigger", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<Trigger>, ApiError> {
    find(&api, &id).await.map(Json)
}
