//! `GET /` and `GET /v1`: who answers here.

use axum::Json;
use serde_json::{Value, json};

/// Says which version answers.
#[utoipa::path(get, path = "/", tag = "root", responses((status = OK, description = "The version", body = Value)))]
pub(crate) async fn root() -> Json<Value> {
    Json(version())
}

/// Says which version answers.
#[utoipa::path(get, path = "/v1", tag = "root", responses((status = OK, description = "The version", body = Value)))]
pub(crate) async fn v1() -> Json<Value> {
    Json(version())
}

fn version() -> Value {
    json!({"version": env!("CARGO_PKG_VERSION"), "docs_url": "https://docs.stackstorm.com/"})
}
