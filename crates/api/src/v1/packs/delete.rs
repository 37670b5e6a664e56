//! `DELETE /v1/packs/{ref_or_id}`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use bus::{DefinitionsChanged, News};
use http::StatusCode;
use model::AuditAction;

use crate::extract::Params;
use crate::pack_file::find_pack;
use crate::{Api, ApiError};

/// Packs that everything else stands on.
const SYSTEM: [&str; 4] = ["core", "default", "packs", "linux"];

/// Removes a pack with everything that it brought, and its configuration. The action `packs.uninstall` does this.
#[utoipa::path(
    delete,
    path = "/v1/packs/{ref_or_id}",
    tag = "packs",
    params(
        ("ref_or_id" = String, Path, description = "Its ref or id"),
        ("keep_content" = Option<bool>, Query, description = "Keep its content, so that it can be registered again"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "It cannot be removed"),
        (status = 404, description = "There is no such pack"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    params: Params,
) -> Result<StatusCode, ApiError> {
    let keep_content = params.flag("keep_content");
    let pack = find_pack(&api, &reference).await?.pack_ref;
    if SYSTEM.contains(&pack.as_str()) {
        return Err(ApiError::BadRequest(format!(
            "The pack \"{pack}\" cannot be removed: everything else stands on it"
        )));
    }
    let content = if keep_content {
        api.store.pack_archive(&pack, None).await?
    } else {
        None
    };
    api.store.remove_pack(&pack).await?;
    if let Some(content) = content {
        let now = api.clock.now();
        api.store.add_pack_archive(&content, now).await?;
    }
    api.know_triggers().await;
    api.bus.tell(News::DefinitionsChanged(DefinitionsChanged {
        kind: "pack".to_owned(),
    }));
    api.record(&caller, AuditAction::Delete, "pack", &pack)
        .await;
    Ok(StatusCode::NO_CONTENT)
}
