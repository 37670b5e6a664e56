//! `GET /v1/packs/index`

use axum::Json;
use axum::extract::State;
use packs::Index;
use serde_json::{Value, json};

use crate::Api;

/// The packs that can be installed, as the configured indexes say.
#[utoipa::path(
    get,
    path = "/v1/packs/index",
    tag = "packs",
    responses((status = OK, description = "`status` of each index, and `index`: an entry for each pack", body = Object))
)]
pub(crate) async fn handle(State(api): State<Api>) -> Json<Value> {
    let index = Index::read(&api.options.pack_indexes).await;
    Json(json!({"status": index.status, "index": index.packs}))
}
