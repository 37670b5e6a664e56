//! `GET /v1/packs/index/health`

use axum::Json;
use serde_json::{Value, json};

/// Whether the indexes of packs can be reached: there are none.
#[utoipa::path(
    get,
    path = "/v1/packs/index/health",
    tag = "packs",
    responses((status = OK, description = "`packs` and `indexes`", body = Object))
)]
pub(crate) async fn handle() -> Json<Value> {
    Json(json!({
        "packs": {"count": 0},
        "indexes": {"count": 0, "valid": 0, "invalid": 0, "errors": {}, "status": []},
    }))
}
