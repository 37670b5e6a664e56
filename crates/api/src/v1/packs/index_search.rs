//! `POST /v1/packs/index/search`

use axum::Json;
use axum::extract::State;
use packs::Index;
use serde_json::{Value, json};

use crate::extract::{Body, Fields};
use crate::{Api, ApiError};

/// Looks for packs in the indexes: `query` is a text that is looked for, `pack` the name of one.
#[utoipa::path(
    post,
    path = "/v1/packs/index/search",
    tag = "packs",
    request_body(content = Object, description = "`query` or `pack`"),
    responses(
        (status = OK, description = "The packs that fit; with `pack` the one, or an empty list", body = Object),
        (status = 400, description = "There is no index, or none can be read"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields(&body);
    let index = read(&api).await?;
    if let Some(query) = fields.text("query")?.filter(|query| !query.is_empty()) {
        return Ok(Json(json!(index.search(query))));
    }
    let pack = fields.required_text("pack")?;
    Ok(Json(
        index.packs.get(pack).cloned().unwrap_or_else(|| json!([])),
    ))
}

/// The indexes; 400 where they have nothing at all.
async fn read(api: &Api) -> Result<Index, ApiError> {
    let indexes = &api.options.pack_indexes;
    if indexes.is_empty() {
        return Err(ApiError::bad_request(
            "No results from the index: no pack index is configured (`pack_indexes` of the configuration file).",
        ));
    }
    let index = Index::read(indexes).await;
    if index.packs.is_empty() {
        let status = serde_json::to_string_pretty(&index.status)?;
        return Err(ApiError::BadRequest(format!(
            "No results from the indexes: tried {}.\nStatus: {status}",
            indexes.join(", ")
        )));
    }
    Ok(index)
}
