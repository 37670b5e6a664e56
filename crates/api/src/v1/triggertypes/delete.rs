//! `DELETE /v1/triggertypes/{ref_or_id}`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use http::StatusCode;
use model::{AuditAction, TriggerType};

use super::shadow;
use crate::change::refuse_system_pack;
use crate::{Api, ApiError, definition};

/// Removes a trigger type, and the trigger that stands for it.
#[utoipa::path(
    delete,
    path = "/v1/triggertypes/{ref_or_id}",
    tag = "triggertypes",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = NO_CONTENT, description = "It is gone"), (status = 404, description = "There was none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
) -> Result<StatusCode, ApiError> {
    let found: TriggerType = definition::find(&api, &reference).await?;
    refuse_system_pack(&found.pack)?;
    api.store
        .delete::<TriggerType>(found.id.object_id())
        .await?;
    shadow::remove(&api, &found).await?;
    api.changed(&caller, AuditAction::Delete, &found).await;
    Ok(StatusCode::NO_CONTENT)
}
