//! `GET /v1/timers/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::Trigger;

use super::TYPES;
use crate::{Api, ApiError, definition};

/// One timer.
#[utoipa::path(
    get,
    path = "/v1/timers/{ref_or_id}",
    tag = "timers",
    params(("ref_or_id" = String, Path, description = "The reference or id of its trigger")),
    responses((status = OK, description = "The timer", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Trigger>, ApiError> {
    let trigger: Trigger = definition::find(&api, &reference).await?;
    if TYPES.contains(&trigger.type_ref.as_str()) {
        Ok(Json(trigger))
    } else {
        Err(ApiError::unknown_reference(reference))
    }
}
