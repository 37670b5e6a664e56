//! `PUT /v1/triggers/{id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{AuditAction, Trigger};

use super::{find, read};
use crate::extract::Body;
use crate::{Api, ApiError};

/// Replaces a trigger.
#[utoipa::path(
    put,
    path = "/v1/triggers/{id}",
    tag = "triggers",
    params(("id" = String, Path, description = "Its id")),
    request_body(content = Object, description = "`type`, and as wanted `name`, `pack`, `parameters`, `description`"),
    responses(
        (status = OK, description = "As it is now", body = Object),
        (status = 400, description = "It cannot be one"),
        (status = 404, description = "There is none"),
        (status = 409, description = "Its reference is taken"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Trigger>, ApiError> {
    let old = find(&api, &id).await?;
    let made = Trigger {
        id: old.id,
        ..read(&api, &body).await?
    };
    if !api.store.replace(&made).await? {
        return Err(ApiError::unknown_id(id));
    }
    api.changed(&caller, AuditAction::Update, &made).await;
    Ok(Json(made))
}
