//! `GET /v1/packs/views/file/{ref_or_id}/{path}`

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;

use crate::pack_file::{find_pack, folder, inside, media_type, read};
use crate::{Api, ApiError};

/// One file of a pack, as it is.
#[utoipa::path(
    get,
    path = "/v1/packs/views/file/{ref_or_id}/{*path}",
    tag = "packs",
    params(
        ("ref_or_id" = String, Path, description = "The pack's ref or id"),
        ("path" = String, Path, description = "The file, relative to the pack; may hold slashes"),
    ),
    responses(
        (status = OK, description = "The file", body = String),
        (status = 400, description = "The path leads out of the pack, or the file is too large"),
        (status = 404, description = "There is no such pack or file"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path((reference, file)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let pack = find_pack(&api, &reference).await?;
    let path = inside(&folder(&pack)?, &file)?;
    let content = read(&path)
        .await?
        .ok_or_else(|| ApiError::NotFound(format!("File \"{file}\" not found")))?;
    let media = media_type(&path).unwrap_or("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, media)], content).into_response())
}
