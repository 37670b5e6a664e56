//! `GET /v1/inquiries/{id}`

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use crate::extract::parse_id;
use crate::{Api, ApiError};

/// One inquiry that waits for an answer.
#[utoipa::path(
    get,
    path = "/v1/inquiries/{id}",
    tag = "inquiries",
    params(("id" = String, Path, description = "The execution's id")),
    responses(
        (status = OK, description = "What it asks, and whom", body = Object),
        (status = 400, description = "It does not wait (any more), or is no inquiry"),
        (status = 404, description = "There is none"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let inquiry = api.executions.inquiry(parse_id(&id)?).await?;
    Ok(Json(executions::inquiry_view(&inquiry)))
}
