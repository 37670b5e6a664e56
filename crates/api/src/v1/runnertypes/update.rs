//! `PUT /v1/runnertypes/{name_or_id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{AuditAction, RunnerType};

use super::get::find;
use crate::extract::{Body, Fields};
use crate::{Api, ApiError};

/// Switches a runner type on or off. As in StackStorm nothing else about it can be changed.
#[utoipa::path(
    put,
    path = "/v1/runnertypes/{name_or_id}",
    tag = "runnertypes",
    params(("name_or_id" = String, Path, description = "Its name or id")),
    request_body = Object,
    responses((status = OK, description = "As it is now", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    Body(body): Body,
) -> Result<Json<RunnerType>, ApiError> {
    let mut runner = find(&api, &name).await?;
    if let Some(enabled) = Fields(&body).boolean("enabled")? {
        runner.enabled = enabled;
    }
    let runner = api.store.save(runner).await?;
    api.changed(&caller, AuditAction::Update, &runner).await;
    Ok(Json(runner))
}
