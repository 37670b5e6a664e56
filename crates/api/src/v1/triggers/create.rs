//! `POST /v1/triggers`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use model::{AuditAction, Trigger};

use super::read;
use crate::extract::Body;
use crate::{Api, ApiError};

/// Makes a trigger. As in StackStorm nobody asks whether its type exists.
#[utoipa::path(
    post,
    path = "/v1/triggers",
    tag = "triggers",
    request_body(content = Object, description = "`type`, and as wanted `name`, `pack`, `parameters`, `description`"),
    responses(
        (status = CREATED, description = "It is stored", body = Object),
        (status = 400, description = "It cannot be one"),
        (status = 409, description = "Its reference is taken"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(body): Body,
) -> Result<(StatusCode, Json<Trigger>), ApiError> {
    let made = read(&api, &body).await?;
    api.store.create(&made).await?;
    api.changed(&caller, AuditAction::Create, &made).await;
    Ok((StatusCode::CREATED, Json(made)))
}
