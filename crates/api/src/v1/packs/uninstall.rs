//! `POST /v1/packs/uninstall`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use model::Object;
use serde_json::Value;

use super::request;
use crate::extract::Body;
use crate::{Api, ApiError};

/// Asks for packs to be removed: requests the action `packs.uninstall`, and answers with its execution.
#[utoipa::path(
    post,
    path = "/v1/packs/uninstall",
    tag = "packs",
    request_body(content = Object, description = "`packs`"),
    responses(
        (status = OK, description = "`execution_id`", body = Object),
        (status = 400, description = "There is no list of packs, or no action `packs.uninstall`"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let mut parameters = Object::new();
    parameters.insert("packs".to_owned(), request::packs(&body)?);
    request::request(&api, &caller, &headers, "packs.uninstall", parameters).await
}
