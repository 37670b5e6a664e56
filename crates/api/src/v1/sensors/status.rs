//! `GET /v1/sensors/status`

use axum::Json;
use axum::extract::State;
use model::{SensorState, SensorStatus};
use serde_json::{Value, json};

use crate::{Api, ApiError, view};

/// Where each sensor runs, since when, and what went wrong there.
#[utoipa::path(
    get,
    path = "/v1/sensors/status",
    tag = "sensors",
    responses((status = OK, description = "Of each sensor that ever ran, sorted by reference", body = Vec<Object>))
)]
pub(crate) async fn handle(State(api): State<Api>) -> Result<Json<Vec<Value>>, ApiError> {
    let statuses = api.store.sensor_statuses(api.clock.now()).await?;
    Ok(Json(
        statuses
            .iter()
            .map(|(status, is_held)| shown(status, *is_held))
            .collect(),
    ))
}

/// What a process said that no longer holds the sensor is history: the sensor is `lost`, unless it was stopped.
fn shown(status: &SensorStatus, is_held: bool) -> Value {
    let state = if is_held || status.state == SensorState::Stopped {
        status.state.as_str()
    } else {
        "lost"
    };
    json!({
        "ref": status.sensor_ref,
        "state": state,
        "node": status.hostname,
        "process": status.holder,
        "pid": status.pid.filter(|_| is_held),
        "since": view::time(status.since),
        "dispatches": status.dispatches,
        "rejected": status.rejected,
        "restarts": status.restarts,
        "last_dispatch": status.last_dispatch.map(view::time),
        "last_error": status.last_error,
        "last_error_at": status.last_error_at.map(view::time),
    })
}
