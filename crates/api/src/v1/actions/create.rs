//! `POST /v1/actions`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use model::{Action, AuditAction, Object, Pack};
use packs::{Catalog, FileKind};
use serde_json::Value;

use super::{data_files, output_schema};
use crate::change::{DEFAULT_PACK, pack_of, refuse_system_pack};
use crate::extract::Body;
use crate::warnings::Warnings;
use crate::{Api, ApiError};

/// Makes an action, and writes the files that come with it.
#[utoipa::path(
    post,
    path = "/v1/actions",
    tag = "actions",
    request_body(content = Object, description = "An action as in a pack, its `pack`, and as wanted `data_files`"),
    responses(
        (status = CREATED, description = "It is stored", body = Object),
        (status = 400, description = "It cannot be one"),
        (status = 409, description = "Its reference is taken"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(mut body): Body,
) -> Result<(StatusCode, Warnings, Json<Action>), ApiError> {
    let pack = pack_of(&body, DEFAULT_PACK)?;
    let files = data_files::take(&mut body)?;
    let (action, warnings) = read(&api, body, &pack, "").await?;
    if api
        .store
        .find::<Action>(action.action_ref.as_str())
        .await?
        .is_none()
    {
        data_files::store(&api, &pack, &files).await?;
    }
    api.store.create(&action).await?;
    api.changed(&caller, AuditAction::Create, &action).await;
    data_files::tell(&api, &action, &files).await;
    Ok((StatusCode::CREATED, warnings, Json(action)))
}

/// The checked action that a body describes, and what is odd about it.
pub(super) async fn read(
    api: &Api,
    body: Object,
    pack: &str,
    file: &str,
) -> Result<(Action, Warnings), ApiError> {
    refuse_system_pack(pack)?;
    if api.store.find::<Pack>(pack).await?.is_none() {
        return Err(ApiError::BadRequest(format!(
            "Content pack \"{pack}\" is not found: register it, or name one that is"
        )));
    }
    let catalog = Catalog::of_store(&api.store).await?;
    let document = Value::Object(body);
    let mut action = packs::definition::action(&document, &api.origin(pack, file), &catalog)?;
    output_schema::complete(&mut action.output_schema);
    let reference = action.action_ref.as_str();
    let warnings = Warnings::of(FileKind::Action, &document, &catalog, reference);
    Ok((action, warnings))
}
