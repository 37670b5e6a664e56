//! `GET /v1/executions/{id}/definition`

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::header;

use super::find;
use crate::{Api, ApiError};

/// The definition that a workflow began with, whatever has become of its file since.
#[utoipa::path(
    get,
    path = "/v1/executions/{id}/definition",
    tag = "executions",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = OK, description = "The definition, YAML", body = String, content_type = "text/plain"),
        (status = 404, description = "There is no such execution, or it is of no workflow, or has not begun"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let execution = find(&api, &id).await?;
    let definition = api.store.workflow_definition(execution.id).await?;
    let definition = definition.ok_or_else(|| {
        ApiError::not_found(format!(
            "execution {} of `{}` has no definition: it is of no workflow, or has not begun",
            execution.id, execution.action_ref
        ))
    })?;
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    Ok((headers, definition).into_response())
}
