//! `DELETE /v1/packs/archives/{pack}`

use std::path::Path as FilePath;

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use http::StatusCode;
use model::AuditAction;

use crate::{Api, ApiError};

/// Removes the content of a pack that is not in force, and the configuration of one that is not registered.
#[utoipa::path(
    delete,
    path = "/v1/packs/archives/{pack}",
    tag = "packs",
    params(("pack" = String, Path, description = "The pack's ref")),
    responses(
        (status = 204, description = "It is gone"),
        (status = 400, description = "It is in force"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(pack): Path<String>,
) -> Result<StatusCode, ApiError> {
    if !api.store.forget_pack_content(&pack).await? {
        return Err(ApiError::BadRequest(format!(
            "The content of pack \"{pack}\" is in force: take the pack out of force first (packs.unload)"
        )));
    }
    if let Some(folder) = api.options.installed_packs.clone() {
        let name = pack.clone();
        let removed = tokio::task::spawn_blocking(move || remove(&folder, &name)).await;
        removed.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
    }
    api.record(&caller, AuditAction::Delete, "pack_archive", &pack)
        .await;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes what this node has unpacked; `pack` came by a path, so that it could be anything.
fn remove(folder: &FilePath, pack: &str) {
    if pack.contains('/') || pack.starts_with('.') {
        return;
    }
    let contents = std::fs::read_dir(folder).into_iter().flatten();
    for content in contents.filter_map(Result::ok) {
        let unpacked = content.path().join(pack);
        if unpacked.is_dir()
            && let Err(error) = archive::remove_written(&unpacked)
        {
            tracing::warn!("`{}` cannot be removed: {error}", unpacked.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_one_pack_and_nothing_above_it() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["h1/demo", "h2/demo", "h2/other"] {
            std::fs::create_dir_all(folder.path().join(path)).unwrap();
        }

        remove(folder.path(), "..");
        remove(folder.path(), "../h2");
        remove(folder.path(), "demo");

        assert!(folder.path().join("h2/other").is_dir());
        assert!(!folder.path().join("h1/demo").exists());
        assert!(!folder.path().join("h2/demo").exists());
    }
}
