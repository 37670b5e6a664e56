//! `GET /v1/packs/views/files/{ref_or_id}`

use std::path::Path as FilePath;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::pack_file::{MAX_FILE_SIZE, find_pack, folder, inside};
use crate::{Api, ApiError};

/// What the files of a pack hold. Those that are gone, large or no text are left out.
#[utoipa::path(
    get,
    path = "/v1/packs/views/files/{ref_or_id}",
    tag = "packs",
    params(("ref_or_id" = String, Path, description = "Its ref or id")),
    responses(
        (status = OK, description = "A list of `{file_path, content}`", body = Vec<Object>),
        (status = 404, description = "There is no such pack"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Vec<Value>>, ApiError> {
    let pack = find_pack(&api, &reference).await?;
    let folder = folder(&pack)?;
    let mut shown = Vec::new();
    for file in &pack.files {
        if let Some(content) = text(&inside(&folder, file)?).await {
            shown.push(json!({"file_path": file, "content": content}));
        }
    }
    Ok(Json(shown))
}

async fn text(path: &FilePath) -> Option<String> {
    let metadata = tokio::fs::metadata(path).await.ok()?;
    if !metadata.is_file() || metadata.len() > MAX_FILE_SIZE {
        return None;
    }
    tokio::fs::read_to_string(path).await.ok()
}
