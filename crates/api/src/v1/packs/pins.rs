//! `POST /v1/packs/archives/{pack}`

use axum::extract::{Path, State};
use http::StatusCode;

use crate::extract::{Body, Fields};
use crate::{Api, ApiError};

/// Keeps the versions that the virtualenv of a pack was built with, for other nodes: of the content that was stored
/// last, unless some are kept already.
#[utoipa::path(
    post,
    path = "/v1/packs/archives/{pack}",
    tag = "packs",
    params(("pack" = String, Path, description = "The pack's ref")),
    request_body(content = Object, description = "`pins`: a `name==version` line each"),
    responses(
        (status = 204, description = "Some are kept"),
        (status = 404, description = "No content is stored"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(pack): Path<String>,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let pins = Fields(&body).required_text("pins")?;
    let found = api.store.pack_archive(&pack, None).await?;
    let found = found
        .ok_or_else(|| ApiError::NotFound(format!("no content of pack \"{pack}\" is stored")))?;
    api.store.keep_pack_pins(&pack, &found.hash, pins).await?;
    Ok(StatusCode::NO_CONTENT)
}
