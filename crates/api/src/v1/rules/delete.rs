//! `DELETE /v1/rules/{ref_or_id}`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use http::StatusCode;
use model::{AuditAction, Rule};

use crate::{Api, ApiError, definition};

/// Removes a rule; its trigger as well, where that has parameters and no other rule listens to it.
#[utoipa::path(
    delete,
    path = "/v1/rules/{ref_or_id}",
    tag = "rules",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = NO_CONTENT, description = "It is gone"), (status = 404, description = "There was none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
) -> Result<StatusCode, ApiError> {
    let rule: Rule = definition::find(&api, &reference).await?;
    api.store.delete_rule(rule.id.object_id()).await?;
    api.changed(&caller, AuditAction::Delete, &rule).await;
    Ok(StatusCode::NO_CONTENT)
}
