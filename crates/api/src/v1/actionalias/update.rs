//! `PUT /v1/actionalias/{ref_or_id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{ActionAlias, AuditAction};
use packs::{Catalog, FileKind};
use serde_json::Value;

use crate::change::{kept_file, pack_of};
use crate::extract::Body;
use crate::warnings::Warnings;
use crate::{Api, ApiError, definition};

/// Replaces an alias.
#[utoipa::path(
    put,
    path = "/v1/actionalias/{ref_or_id}",
    tag = "actionalias",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    request_body(content = Object, description = "An alias as in a pack"),
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
) -> Result<(Warnings, Json<ActionAlias>), ApiError> {
    let old: ActionAlias = definition::find(&api, &reference).await?;
    let pack = pack_of(&body, &old.pack)?;
    let file = kept_file(&body, &old.metadata_file);
    let document = Value::Object(body);
    let made = packs::definition::alias(&document, &api.origin(&pack, &file))?;
    let alias_ref = made.alias_ref.as_str();
    let warnings = Warnings::of(FileKind::Alias, &document, &Catalog::built_in(), alias_ref);
    let made = ActionAlias { id: old.id, ..made };
    if !api.store.replace(&made).await? {
        return Err(ApiError::unknown_reference(reference));
    }
    api.changed(&caller, AuditAction::Update, &made).await;
    Ok((warnings, Json(made)))
}
