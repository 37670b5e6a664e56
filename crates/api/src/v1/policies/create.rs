//! `POST /v1/policies`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use model::{AuditAction, Policy};
use serde_json::Value;

use crate::extract::{Body, Fields};
use crate::{Api, ApiError};

/// Makes a policy.
#[utoipa::path(
    post,
    path = "/v1/policies",
    tag = "policies",
    request_body(content = Object, description = "A policy as in a pack, and its `pack`"),
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
) -> Result<(StatusCode, Json<Policy>), ApiError> {
    let pack = Fields(&body).required_text("pack")?.to_owned();
    let made = packs::definition::policy(&Value::Object(body), &api.origin(&pack, ""))?;
    api.store.create(&made).await?;
    api.changed(&caller, AuditAction::Create, &made).await;
    Ok((StatusCode::CREATED, Json(made)))
}
