//! `POST /v1/actions/{ref_or_id}/clone`

use std::path::{Path as FilePath, PathBuf};

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use http::StatusCode;
use model::{Action, AuditAction, Object, Pack, Reference};
use serde_json::json;
use store::Store;

use super::yaml_text;
use crate::change::refuse_system_pack;
use crate::extract::{Body, Fields};
use crate::pack_file::{find_pack, folder, inside, read, write};
use crate::{Api, ApiError, definition};

/// Where a copy goes.
struct Destination {
    folder: PathBuf,
    pack: String,
    name: String,
    /// The action that is overwritten.
    old: Option<Action>,
}

/// Copies an action with its files into a pack, under another name.
#[utoipa::path(
    post,
    path = "/v1/actions/{ref_or_id}/clone",
    tag = "actions",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    request_body(content = Object, description = "`dest_pack`, `dest_action`, and as wanted `overwrite`"),
    responses(
        (status = CREATED, description = "The copy", body = Object),
        (status = 400, description = "There is no such pack, or it has such an action"),
        (status = 404, description = "There is no such action"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    Body(body): Body,
) -> Result<(StatusCode, Json<Action>), ApiError> {
    let source: Action = definition::find(&api, &reference).await?;
    let to = destination(&api, &body).await?;
    let copy = copied(&api, &source, &to);
    copy_files(&api, &source, &copy, &to).await?;
    let action = if to.old.is_some() {
        AuditAction::Update
    } else {
        AuditAction::Create
    };
    let copy = api.store.save(copy).await?;
    api.changed(&caller, action, &copy).await;
    Ok((StatusCode::CREATED, Json(copy)))
}

async fn destination(api: &Api, body: &Object) -> Result<Destination, ApiError> {
    let fields = Fields(body).only(&["dest_pack", "dest_action", "overwrite"])?;
    let (pack, name) = (
        fields.required_text("dest_pack")?,
        fields.required_text("dest_action")?,
    );
    let overwrite = fields.boolean("overwrite")?.unwrap_or(false);
    refuse_system_pack(pack)?;
    let found: Option<Pack> = api.store.find(pack).await?;
    let found = found
        .ok_or_else(|| ApiError::BadRequest(format!("Destination pack '{pack}' doesn't exist")))?;
    if name.is_empty() || name.contains('/') {
        return Err(ApiError::BadRequest(format!(
            "\"{name}\" cannot be the name of an action"
        )));
    }
    let old = existing(&api.store, pack, name).await?;
    if old.is_some() && !overwrite {
        return Err(ApiError::bad_request(
            "The requested destination action already exists",
        ));
    }
    Ok(Destination {
        folder: folder(&found)?,
        pack: pack.to_owned(),
        name: name.to_owned(),
        old,
    })
}

async fn existing(store: &Store, pack: &str, name: &str) -> Result<Option<Action>, ApiError> {
    Ok(store.find(Reference::new(pack, name).as_str()).await?)
}

fn copied(api: &Api, source: &Action, to: &Destination) -> Action {
    let id = to
        .old
        .as_ref()
        .map_or_else(|| api.ids.next(api.clock.now()), |old| old.id);
    Action {
        uid: format!("action:{}:{}", to.pack, to.name),
        action_ref: Reference::new(&to.pack, &to.name),
        metadata_file: format!("actions/{}.yaml", to.name),
        entry_point: entry_point(source, &to.name),
        name: to.name.clone(),
        pack: to.pack.clone(),
        id,
        ..source.clone()
    }
}

/// The entry point of a copy: its own name, with the ending of the original. Workflows lie in `workflows`.
fn entry_point(source: &Action, name: &str) -> String {
    if source.entry_point.is_empty() {
        return String::new();
    }
    if matches!(
        source.runner_type.as_str(),
        "orquesta" | "orchestra" | "action-chain"
    ) {
        return format!("workflows/{name}.yaml");
    }
    match FilePath::new(&source.entry_point).extension() {
        Some(extension) => format!("{name}.{}", extension.to_string_lossy()),
        None => name.to_owned(),
    }
}

/// Writes the copy's metadata and its entry point.
async fn copy_files(
    api: &Api,
    source: &Action,
    copy: &Action,
    to: &Destination,
) -> Result<(), ApiError> {
    if !source.entry_point.is_empty() {
        let from = folder(&find_pack(api, &source.pack).await?)?;
        let script = inside(&from, &format!("actions/{}", source.entry_point))?;
        if read(&script).await?.is_some() {
            let path = inside(&to.folder, &format!("actions/{}", copy.entry_point))?;
            write(&path, &[]).await?;
            // Copies the permissions as well.
            tokio::fs::copy(&script, &path).await.map_err(|error| {
                ApiError::BadRequest(format!(
                    "The entry point of \"{}\" cannot be copied: {error}",
                    source.action_ref
                ))
            })?;
        }
    }
    write(
        &inside(&to.folder, &copy.metadata_file)?,
        metadata(copy).as_bytes(),
    )
    .await
}

/// The metadata file of an action.
fn metadata(action: &Action) -> String {
    let mut document = Object::new();
    let mut add = |name: &str, value| document.insert(name.to_owned(), value);
    add("name", json!(action.name));
    if let Some(description) = &action.description {
        add("description", json!(description));
    }
    add("runner_type", json!(action.runner_type));
    add("enabled", json!(action.enabled));
    add("entry_point", json!(action.entry_point));
    if !action.tags.is_empty() {
        add("tags", json!(action.tags));
    }
    let rest = [
        ("parameters", &action.parameters),
        ("output_schema", &action.output_schema),
        ("notify", &action.notify),
    ];
    for (name, member) in rest.into_iter().filter(|(_, member)| !member.is_empty()) {
        add(name, json!(member));
    }
    yaml_text::write(&document)
}
