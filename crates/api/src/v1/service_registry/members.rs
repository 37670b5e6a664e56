//! `GET /v1/service_registry/groups/{group_id}/members`

use axum::extract::Path;

use crate::ApiError;

/// The members of a group of services: 404, since there are no groups.
#[utoipa::path(
    get,
    path = "/v1/service_registry/groups/{group_id}/members",
    tag = "service_registry",
    params(("group_id" = String, Path, description = "The group")),
    responses((status = 404, description = "There is none"))
)]
pub(crate) async fn handle(Path(group): Path<String>) -> ApiError {
    ApiError::NotFound(format!("Group with ID \"{group}\" not found."))
}
