//! `GET /v1/triggers`

use axum::Json;
use axum::extract::State;
use model::Trigger;

use crate::extract::Params;
use crate::{Api, ApiError, definition};

/// All triggers, sorted by reference.
#[utoipa::path(
    get,
    path = "/v1/triggers",
    tag = "triggers",
    params(
        ("pack" = Option<String>, Query, description = "Of this pack"),
        ("name" = Option<String>, Query, description = "With this name"),
        ("type" = Option<String>, Query, description = "Of this trigger type"),
    ),
    responses((status = OK, description = "All of them", body = Vec<Object>))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    params: Params,
) -> Result<Json<Vec<Trigger>>, ApiError> {
    let mut filter = definition::filter(&params);
    filter.selector = params.owned("type");
    Ok(Json(api.store.all(&filter).await?))
}
