//! `DELETE /v1/triggers/{id}`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use http::StatusCode;
use model::{AuditAction, Trigger};

use super::find;
use crate::{Api, ApiError};

/// Removes a trigger. Rules that listen to it stay, and hear nothing.
#[utoipa::path(
    delete,
    path = "/v1/triggers/{id}",
    tag = "triggers",
    params(("id" = String, Path, description = "Its id")),
    responses((status = NO_CONTENT, description = "It is gone"), (status = 404, description = "There was none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let found = find(&api, &id).await?;
    api.store.delete::<Trigger>(found.id.object_id()).await?;
    api.changed(&caller, AuditAction::Delete, &found).await;
    Ok(StatusCode::NO_CONTENT)
}
