//! `GET /v1/configs/{pack_ref}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::PackConfig;
use serde_json::Value;

use super::unknown;
use crate::extract::Params;
use crate::{Api, ApiError, view};

/// The configuration of a pack; secrets masked.
#[utoipa::path(
    get,
    path = "/v1/configs/{pack_ref}",
    tag = "configs",
    params(
        ("pack_ref" = String, Path, description = "The pack's ref"),
        ("show_secrets" = Option<bool>, Query, description = "Show secrets; for administrators"),
    ),
    responses((status = OK, description = "The configuration", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(pack): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let found: Option<PackConfig> = api.store.find(&pack).await?;
    let config = found.ok_or_else(|| unknown(&pack))?;
    Ok(Json(view::config(
        &api.vault,
        config,
        view::may_show_secrets(&api, &caller, &params),
    )))
}
