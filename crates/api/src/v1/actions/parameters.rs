//! `GET /v1/actions/views/parameters/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::{Action, Object, RunnerType};
use serde_json::{Value, json};

use crate::{Api, ApiError, definition};

/// The parameters that an action takes: its runner's and its own.
#[utoipa::path(
    get,
    path = "/v1/actions/views/parameters/{ref_or_id}",
    tag = "actions",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "`parameters`", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let action: Action = definition::find(&api, &reference).await?;
    let runner: Option<RunnerType> = api.store.find(&action.runner_type).await?;
    let of_runner = runner
        .map(|runner| runner.runner_parameters)
        .unwrap_or_default();
    Ok(Json(json!({"parameters": merged(&of_runner, &action)?})))
}

/// The runner's parameters with the action's over them.
pub(super) fn merged(of_runner: &Object, action: &Action) -> Result<Object, ApiError> {
    schema::effective_parameters(of_runner, &action.parameters).map_err(|error| {
        ApiError::BadRequest(format!(
            "The parameters of \"{}\" cannot be used: {error}",
            action.action_ref
        ))
    })
}
