//! `DELETE /v1/actions/{ref_or_id}`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use http::StatusCode;
use model::{Action, AuditAction};

use crate::change::refuse_system_pack;
use crate::extract::{Body, Fields};
use crate::pack_file::{find_pack, folder, inside, remove};
use crate::{Api, ApiError, definition};

/// Removes an action; with `remove_files` the files that define it as well.
#[utoipa::path(
    delete,
    path = "/v1/actions/{ref_or_id}",
    tag = "actions",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    request_body(content = Object, description = "Nothing, or `remove_files`"),
    responses((status = NO_CONTENT, description = "It is gone"), (status = 404, description = "There was none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let action: Action = definition::find(&api, &reference).await?;
    refuse_system_pack(&action.pack)?;
    let options = Fields(&body).only(&["remove_files"])?;
    let remove_files = options.boolean("remove_files")?.unwrap_or(false);
    api.store.delete::<Action>(action.id.object_id()).await?;
    api.changed(&caller, AuditAction::Delete, &action).await;
    if remove_files {
        remove_files_of(&api, &action).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Removes its metadata, and its entry point unless another action of the pack has that one too.
async fn remove_files_of(api: &Api, action: &Action) -> Result<(), ApiError> {
    let folder = folder(&find_pack(api, &action.pack).await?)?;
    if !action.metadata_file.is_empty() {
        remove(&inside(&folder, &action.metadata_file)?).await?;
    }
    if !action.entry_point.is_empty() && !has_other_user(api, action).await? {
        remove(&inside(
            &folder,
            &format!("actions/{}", action.entry_point),
        )?)
        .await?;
    }
    Ok(())
}

async fn has_other_user(api: &Api, action: &Action) -> Result<bool, ApiError> {
    let filter = store::DefinitionFilter {
        pack: Some(action.pack.clone()),
        ..store::DefinitionFilter::default()
    };
    let others: Vec<Action> = api.store.all(&filter).await?;
    Ok(others
        .iter()
        .any(|other| other.entry_point == action.entry_point))
}
