//! `DELETE /v1/actionalias/{ref_or_id}`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use http::StatusCode;
use model::{ActionAlias, AuditAction};

use crate::{Api, ApiError, definition};

/// Removes an alias.
#[utoipa::path(
    delete,
    path = "/v1/actionalias/{ref_or_id}",
    tag = "actionalias",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = NO_CONTENT, description = "It is gone"), (status = 404, description = "There was none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
) -> Result<StatusCode, ApiError> {
    let found: ActionAlias = definition::find(&api, &reference).await?;
    api.store
        .delete::<ActionAlias>(found.id.object_id())
        .await?;
    api.changed(&caller, AuditAction::Delete, &found).await;
    Ok(StatusCode::NO_CONTENT)
}
