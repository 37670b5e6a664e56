//! `GET /v1/webhooks`

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::Trigger;

use crate::Api;

/// The triggers of all hooks that can be posted to, sorted by url.
#[utoipa::path(
    get,
    path = "/v1/webhooks",
    tag = "webhooks",
    responses((status = OK, description = "The triggers", body = Vec<Object>))
)]
pub(crate) async fn handle(State(api): State<Api>) -> Json<Vec<Arc<Trigger>>> {
    let table = api.intake.triggers();
    let mut hooks: Vec<_> = table.webhooks.iter().collect();
    hooks.sort_by_key(|(url, _)| *url);
    Json(
        hooks
            .into_iter()
            .map(|(_, trigger)| Arc::clone(trigger))
            .collect(),
    )
}
