//! `GET /v1/actions/views/overview/{ref_or_id}`

use axum::Json;
use axum::extract::{Path, State};
use model::{Action, RunnerType};

use super::parameters::merged;
use crate::{Api, ApiError, definition};

/// One action with all parameters that it takes.
#[utoipa::path(
    get,
    path = "/v1/actions/views/overview/{ref_or_id}",
    tag = "actions",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    responses((status = OK, description = "The action", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(reference): Path<String>,
) -> Result<Json<Action>, ApiError> {
    let action: Action = definition::find(&api, &reference).await?;
    let runner: Option<RunnerType> = api.store.find(&action.runner_type).await?;
    let of_runner = runner
        .map(|runner| runner.runner_parameters)
        .unwrap_or_default();
    let parameters = merged(&of_runner, &action)?;
    Ok(Json(Action {
        parameters,
        ..action
    }))
}
