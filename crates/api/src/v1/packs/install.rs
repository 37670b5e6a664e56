//! `POST /v1/packs/install`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::HeaderMap;
use model::Object;
use serde_json::{Value, json};

use super::request;
use crate::extract::{Body, Fields};
use crate::{Api, ApiError};

/// Asks for packs to be installed: requests the action `packs.install`, and answers with its execution.
#[utoipa::path(
    post,
    path = "/v1/packs/install",
    tag = "packs",
    request_body(content = Object, description = "`packs`, and as wanted `force`, `skip_dependencies`"),
    responses(
        (status = OK, description = "`execution_id`", body = Object),
        (status = 400, description = "There is no list of packs, or no action `packs.install`"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let fields = Fields(&body);
    let mut parameters = Object::new();
    parameters.insert("packs".to_owned(), request::packs(&body)?);
    for name in ["force", "skip_dependencies"] {
        if let Some(flag) = fields.boolean(name)? {
            parameters.insert(name.to_owned(), json!(flag));
        }
    }
    request::request(&api, &caller, &headers, "packs.install", parameters).await
}
