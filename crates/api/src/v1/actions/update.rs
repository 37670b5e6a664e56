//! `PUT /v1/actions/{ref_or_id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{Action, AuditAction};

use super::create::read;
use super::data_files;
use crate::change::{kept_file, pack_of};
use crate::extract::Body;
use crate::warnings::Warnings;
use crate::{Api, ApiError, definition};

/// Replaces an action, and writes the files that come with it.
#[utoipa::path(
    put,
    path = "/v1/actions/{ref_or_id}",
    tag = "actions",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    request_body(content = Object, description = "An action as in a pack, and as wanted `data_files`"),
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
    Body(mut body): Body,
) -> Result<(Warnings, Json<Action>), ApiError> {
    let old: Action = definition::find(&api, &reference).await?;
    let (pack, file) = (
        pack_of(&body, &old.pack)?,
        kept_file(&body, &old.metadata_file),
    );
    let files = data_files::take(&mut body)?;
    let (action, warnings) = read(&api, body, &pack, &file).await?;
    let action = Action {
        id: old.id,
        ..action
    };
    data_files::store(&api, &pack, &files).await?;
    if !api.store.replace(&action).await? {
        return Err(ApiError::unknown_reference(reference));
    }
    api.changed(&caller, AuditAction::Update, &action).await;
    data_files::tell(&api, &action, &files).await;
    Ok((warnings, Json(action)))
}
