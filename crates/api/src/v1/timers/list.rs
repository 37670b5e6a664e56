//! `GET /v1/timers`

use axum::Json;
use axum::extract::State;
use model::Trigger;
use store::DefinitionFilter;

use super::TYPES;
use crate::extract::Params;
use crate::{Api, ApiError};

/// All timers that rules ask for.
#[utoipa::path(
    get,
    path = "/v1/timers",
    tag = "timers",
    params(("timer_type" = Option<String>, Query, description = "Of this trigger type")),
    responses((status = OK, description = "All of them", body = Vec<Object>), (status = 400, description = "There is no such type"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    params: Params,
) -> Result<Json<Vec<Trigger>>, ApiError> {
    let wanted = params.get("timer_type");
    if let Some(unknown) = wanted.filter(|wanted| !TYPES.contains(wanted)) {
        return Err(ApiError::BadRequest(format!(
            "Timer type {unknown} not in supported types - {}.",
            TYPES.join(", ")
        )));
    }
    let mut timers: Vec<Trigger> = Vec::new();
    for kind in TYPES
        .into_iter()
        .filter(|kind| wanted.is_none_or(|wanted| wanted == *kind))
    {
        let filter = DefinitionFilter {
            selector: Some(kind.to_owned()),
            ..DefinitionFilter::default()
        };
        timers.extend(api.store.all::<Trigger>(&filter).await?);
    }
    Ok(Json(timers))
}
