//! `POST /v1/triggertypes`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use model::{AuditAction, TriggerType};
use serde_json::Value;

use super::shadow;
use crate::extract::{Body, Fields};
use crate::{Api, ApiError};

/// Makes a trigger type; where it takes no parameters, the trigger that stands for it as well.
#[utoipa::path(
    post,
    path = "/v1/triggertypes",
    tag = "triggertypes",
    request_body(content = Object, description = "A trigger type as in a pack, and its `pack`"),
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
) -> Result<(StatusCode, Json<TriggerType>), ApiError> {
    let pack = Fields(&body).required_text("pack")?.to_owned();
    let made = packs::definition::trigger_type(&Value::Object(body), &api.origin(&pack, ""))?;
    api.store.create(&made).await?;
    shadow::ensure(&api, &made).await?;
    api.changed(&caller, AuditAction::Create, &made).await;
    Ok((StatusCode::CREATED, Json(made)))
}
