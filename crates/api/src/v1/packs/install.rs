//! `POST /v1/packs/install`

use crate::ApiError;

/// Installs packs: not available, and says so.
#[utoipa::path(
    post,
    path = "/v1/packs/install",
    tag = "packs",
    responses((status = 400, description = "It is not available"))
)]
pub(crate) async fn handle() -> ApiError {
    ApiError::bad_request(
        "Installing packs through the API is not available yet: put the pack's folder where packs are read from, and register it (POST /v1/packs/register).",
    )
}
