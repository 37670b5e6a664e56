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

/// Removes a pack with everything that it brought, and its configuration. The actions `packs.unload` and, with what
/// that keeps, `packs.uninstall` do this.
#[utoipa::path(
    delete,
    path = "/v1/packs/{ref_or_id}",
    tag = "packs",
    params(
        ("ref_or_id" = String, Path, description = "Its ref or id"),
        ("keep_content" = Option<bool>, Query, description = "Keep its content and its configuration, so that it can be registered again as it was"),
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
    if keep_content {
        api.store.unload_pack(&pack).await?;
    } else {
        api.store.remove_pack(&pack).await?;
    }
    api.know_triggers().await;
    api.bus.tell(News::DefinitionsChanged(DefinitionsChanged {
        kind: "pack".to_owned(),
    }));
    api.record(&caller, AuditAction::Delete, "pack", &pack)
        .await;
    Ok(StatusCode::NO_CONTENT)
}
