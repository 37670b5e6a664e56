//! `POST /v1/packs/archives`

use archive::{ArchiveError, Content};
use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use bytes::Bytes;
use model::{AuditAction, Pack};
use packs::InstallError;
use serde_json::{Value, json};
use store::PackArchive;

use crate::extract::{ArchiveBody, Params};
use crate::{Api, ApiError};

/// Stores the content of a pack, without putting it in force: registering the pack does that. The body is a tar,
/// gzipped or not, or a zip. A pack that says that it does not work here is refused.
#[utoipa::path(
    post,
    path = "/v1/packs/archives",
    tag = "packs",
    params(
        ("source" = Option<String>, Query, description = "Where it comes from, for people"),
        ("force" = Option<bool>, Query, description = "Take it whatever it says of the engine and of Python"),
    ),
    request_body(content = String, description = "The archive", content_type = "application/gzip"),
    responses(
        (status = OK, description = "`hash`, what `pack.yaml` says, and `warnings`: what was left out", body = Object),
        (status = 400, description = "It is no pack, or works elsewhere"),
        (status = 413, description = "It is too large"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    params: Params,
    ArchiveBody(body): ArchiveBody,
) -> Result<Json<Value>, ApiError> {
    let force = params.flag("force");
    let (content, body) = read(body).await?;
    let pack = packs::examine(&content, &api.ids, api.clock.now()).map_err(refused)?;
    if !force {
        packs::check_compatible(&pack).map_err(refused)?;
    }
    let archive = PackArchive {
        pack: pack.pack_ref.clone(),
        hash: content.hash(),
        source: params.get("source").unwrap_or_default().to_owned(),
        body,
    };
    let now = api.clock.now();
    api.store.add_pack_archive(&archive, now).await?;
    api.record(&caller, AuditAction::Create, "pack_archive", &pack.pack_ref)
        .await;
    let mut answer = view(&pack, &archive.hash);
    let left_out = content.left_out().iter().map(ToString::to_string);
    answer["warnings"] = left_out.collect();
    Ok(Json(answer))
}

pub(super) fn view(pack: &Pack, hash: &str) -> Value {
    json!({
        "hash": hash,
        "ref": pack.pack_ref,
        "name": pack.name,
        "version": pack.version,
        "python_versions": pack.python_versions,
        "dependencies": pack.dependencies,
    })
}

/// The content, and it as the store keeps it. On a thread of its own: packing takes its time.
async fn read(body: Bytes) -> Result<(Content, Vec<u8>), ApiError> {
    let read = move || {
        let content = Content::of_archive(&body)?.without_single_top();
        let packed = content.to_archive()?;
        Ok::<_, ArchiveError>((content, packed))
    };
    tokio::task::spawn_blocking(read)
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
        .map_err(|error| refused(InstallError::Content(error)))
}

/// What is wrong with it, with the causes.
pub(super) fn refused(error: InstallError) -> ApiError {
    match error {
        InstallError::Store(error) => error.into(),
        InstallError::Content(error) => {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            let cause = cause.map(|cause| format!(": {cause}")).unwrap_or_default();
            ApiError::BadRequest(format!("the pack cannot be read: {error}{cause}"))
        }
        other => ApiError::BadRequest(other.to_string()),
    }
}
