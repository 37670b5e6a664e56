//! `GET /v1/triggerinstances/{id}`

use axum::Json;
use axum::extract::{Path, State};
use model::TriggerInstance;
use serde_json::Value;

use crate::extract::{Params, parse_id};
use crate::{Api, ApiError, view};

/// One trigger instance.
#[utoipa::path(
    get,
    path = "/v1/triggerinstances/{id}",
    tag = "triggerinstances",
    params(
        ("id" = String, Path, description = "Its id"),
        ("explain" = Option<bool>, Query, description = "Why it stands where it stands, and its trace, too"),
    ),
    responses((status = OK, description = "The instance", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let instance = find(&api, &id).await?;
    Ok(Json(if params.flag("explain") {
        view::explained_trigger_instance(&instance)
    } else {
        view::trigger_instance(&instance)
    }))
}

/// The instance with this id.
pub(super) async fn find(api: &Api, id: &str) -> Result<TriggerInstance, ApiError> {
    let found = api.store.trigger_instance(parse_id(id)?).await?;
    found.ok_or_else(|| ApiError::unknown_id(id))
}
