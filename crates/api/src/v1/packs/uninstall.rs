//! `POST /v1/packs/uninstall`

use crate::ApiError;

/// Uninstalls packs: not available, and says so.
#[utoipa::path(
    post,
    path = "/v1/packs/uninstall",
    tag = "packs",
    responses((status = 400, description = "It is not available"))
)]
pub(crate) async fn handle() -> ApiError {
    ApiError::bad_request("Uninstalling packs through the API is not available yet.")
}
