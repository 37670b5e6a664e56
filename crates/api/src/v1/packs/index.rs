//! `GET /v1/packs/index`

use axum::Json;
use serde_json::{Value, json};

/// The index of packs that can be installed: empty, since none is configured.
#[utoipa::path(
    get,
    path = "/v1/packs/index",
    tag = "packs",
    responses((status = OK, description = "`status` and `index`", body = Object))
)]
pub(crate) async fn handle() -> Json<Value> {
    Json(json!({"status": [], "index": {}}))
}
