//! `POST /v1/actionalias`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use model::{ActionAlias, AuditAction};
use packs::{Catalog, FileKind};
use serde_json::Value;

use crate::extract::{Body, Fields};
use crate::warnings::Warnings;
use crate::{Api, ApiError};

/// Makes an alias.
#[utoipa::path(
    post,
    path = "/v1/actionalias",
    tag = "actionalias",
    request_body(content = Object, description = "An alias as in a pack, and its `pack`"),
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
) -> Result<(StatusCode, Warnings, Json<ActionAlias>), ApiError> {
    let pack = Fields(&body).required_text("pack")?.to_owned();
    let document = Value::Object(body);
    let made = packs::definition::alias(&document, &api.origin(&pack, ""))?;
    let reference = made.alias_ref.as_str();
    let warnings = Warnings::of(FileKind::Alias, &document, &Catalog::built_in(), reference);
    api.store.create(&made).await?;
    api.changed(&caller, AuditAction::Create, &made).await;
    Ok((StatusCode::CREATED, warnings, Json(made)))
}
