//! `PUT /v1/sensortypes/{ref_or_id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{AuditAction, Sensor};

use crate::extract::{Body, Fields};
use crate::{Api, ApiError, definition};

/// Starts or stops a sensor. As in StackStorm nothing else about it can be changed.
#[utoipa::path(
    put,
    path = "/v1/sensortypes/{ref_or_id}",
    tag = "sensortypes",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    request_body(content = Object, description = "`enabled`; other members are passed over"),
    responses((status = OK, description = "As it is now", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    Body(body): Body,
) -> Result<Json<Sensor>, ApiError> {
    let mut sensor: Sensor = definition::find(&api, &reference).await?;
    if let Some(enabled) = Fields(&body).boolean("enabled")? {
        sensor.enabled = enabled;
    }
    let sensor = api.store.save(sensor).await?;
    api.changed(&caller, AuditAction::Update, &sensor).await;
    Ok(Json(sensor))
}
