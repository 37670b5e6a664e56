//! `GET /v1/webhooks/{url}`

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use model::Trigger;

use super::find;
use crate::{Api, ApiError};

/// The trigger of one hook.
#[utoipa::path(
    get,
    path = "/v1/webhooks/{*url}",
    tag = "webhooks",
    params(("url" = String, Path, description = "The hook; may hold slashes")),
    responses((status = OK, description = "The trigger", body = Object), (status = 404, description = "There is no such hook"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(hook): Path<String>,
) -> Result<Json<Arc<Trigger>>, ApiError> {
    find(&api, &hook).map(Json)
}
