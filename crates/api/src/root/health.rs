//! `GET /healthz`: whether this process can do its work.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::{Api, ApiError};

/// Asks the store; 503 where it does not answer. A broker that is away costs delay only, so it is reported and no more.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "root",
    responses((status = OK, description = "It can", body = Value), (status = 503, description = "It cannot", body = Value))
)]
pub(crate) async fn handle(State(api): State<Api>) -> Result<Json<Value>, ApiError> {
    api.store.ping().await?;
    let bus = if api.bus.is_connected() {
        "connected"
    } else {
        "reconnecting"
    };
    Ok(Json(
        json!({"status": "ok", "store": api.store.backend(), "bus": bus}),
    ))
}
