//! `GET /v1/service_registry/groups`

use axum::Json;
use serde_json::{Value, json};

/// The groups of services: none.
#[utoipa::path(
    get,
    path = "/v1/service_registry/groups",
    tag = "service_registry",
    responses((status = OK, description = "`groups`", body = Object))
)]
pub(crate) async fn handle() -> Json<Value> {
    Json(json!({"groups": []}))
}
