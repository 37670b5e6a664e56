//! `POST /v1/actionalias/match`

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::extract::{Body, Fields};
use crate::{Api, ApiError};

/// The alias that a chat line means.
#[utoipa::path(
    post,
    path = "/v1/actionalias/match",
    tag = "actionalias",
    request_body(content = Object, description = "`command`: what was said"),
    responses(
        (status = OK, description = "`actionalias`, and of the format that fits `display` and `representation`", body = Object),
        (status = 400, description = "It means no alias, or more than one"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let command = Fields(&body).only(&["command"])?.required_text("command")?;
    let meant = api.meaning(command).await?;
    Ok(Json(json!({
        "actionalias": *meant.alias,
        "display": meant.representation.display,
        "representation": meant.representation.format,
    })))
}
