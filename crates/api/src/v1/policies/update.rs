//! `PUT /v1/policies/{ref_or_id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{AuditAction, Policy};
use serde_json::Value;

use crate::change::{kept_file, pack_of, refuse_system_pack};
use crate::extract::Body;
use crate::{Api, ApiError, definition};

/// Replaces a policy.
#[utoipa::path(
    put,
    path = "/v1/policies/{ref_or_id}",
    tag = "policies",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    request_body(content = Object, description = "A policy as in a pack"),
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
    Path(reference): Path<String>,
    Body(body): Body,
) -> Result<Json<Policy>, ApiError> {
    let old: Policy = definition::find(&api, &reference).await?;
    refuse_system_pack(&old.pack)?;
    let pack = pack_of(&body, &old.pack)?;
    let file = kept_file(&body, &old.metadata_file);
    let made = packs::definition::policy(&Value::Object(body), &api.origin(&pack, &file))?;
    let made = Policy { id: old.id, ..made };
    if !api.store.replace(&made).await? {
        return Err(ApiError::unknown_reference(reference));
    }
    api.changed(&caller, AuditAction::Update, &made).await;
    Ok(Json(made))
}
