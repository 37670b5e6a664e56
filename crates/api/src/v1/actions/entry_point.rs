//! `GET /v1/actions/views/entry_point/{ref_or_id}`

use std::path::Path as FilePath;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;
use model::Action;

use crate::pack_file::{find_pack, folder, inside, media_type, read};
use crate::{Api, ApiError, definition};

/// What an action's entry point holds: its script, module or workflow.
#[utoipa::path(
    get,
    path = "/v1/actions/views/entry_point/{ref_or_id}",
    tag = "actions",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses(
        (status = OK, description = "The file", body = String),
        (status = 404, description = "There is no such action, or it has none"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Response, ApiError> {
    let action: Action = definition::find(&api, &reference).await?;
    let none = |what: &str| ApiError::NotFound(format!("Action ref_or_id={reference} {what}"));
    if action.entry_point.is_empty() {
        return Err(none("has no entry_point to output"));
    }
    let folder = folder(&find_pack(&api, &action.pack).await?)?;
    let path = inside(&folder, &format!("actions/{}", action.entry_point))?;
    let content = read(&path)
        .await?
        .ok_or_else(|| none("has an entry_point that is not there"))?;
    Ok(([(header::CONTENT_TYPE, script_type(&path))], content).into_response())
}

fn script_type(path: &FilePath) -> &'static str {
    let is_yaml = path
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    if is_yaml {
        "application/x-yaml"
    } else {
        media_type(path).unwrap_or("text/plain")
    }
}
