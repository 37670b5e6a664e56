//! `POST /v1/packs/index/search`

use crate::ApiError;

/// Looks for packs in the index: 400, since none is configured. StackStorm says the same where it reaches none.
#[utoipa::path(
    post,
    path = "/v1/packs/index/search",
    tag = "packs",
    responses((status = 400, description = "There is no index"))
)]
pub(crate) async fn handle() -> ApiError {
    ApiError::bad_request("No results from the index: no pack index is configured.")
}
