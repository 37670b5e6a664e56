//! `GET /v1/packs/archives/{pack}`

use archive::Content;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use packs::InstallError;
use store::PackArchive;

use super::archive::{refused, view};
use crate::extract::Params;
use crate::{Api, ApiError};

/// Content of a pack that was stored: the newest, or that with the hash asked for.
#[utoipa::path(
    get,
    path = "/v1/packs/archives/{pack}",
    tag = "packs",
    params(
        ("pack" = String, Path, description = "The pack's ref"),
        ("hash" = Option<String>, Query, description = "Which content"),
        ("about" = Option<bool>, Query, description = "Answer what its `pack.yaml` says instead"),
    ),
    responses(
        (status = OK, description = "A gzipped tar", body = String, content_type = "application/gzip"),
        (status = 404, description = "There is no such content"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(pack): Path<String>,
    params: Params,
) -> Result<Response, ApiError> {
    let hash = params.get("hash");
    let found = api.store.pack_archive(&pack, hash).await?;
    let found: PackArchive = found
        .ok_or_else(|| ApiError::NotFound(format!("no content of pack \"{pack}\" is stored")))?;
    if params.flag("about") {
        let content = Content::of_archive(&found.body);
        let content = content.map_err(|error| refused(InstallError::Content(error)))?;
        let pack = packs::examine(&content, &api.ids, api.clock.now()).map_err(refused)?;
        return Ok(Json(view(&pack, &found.hash)).into_response());
    }
    let headers = [(header::CONTENT_TYPE, "application/gzip")];
    Ok((headers, found.body).into_response())
}
