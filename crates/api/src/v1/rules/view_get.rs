//! `GET /v1/rules/views/{ref_or_id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::Rule;
use serde_json::Value;

use crate::extract::Params;
use crate::view::{RuleViews, may_show_secrets};
use crate::{Api, ApiError, definition};

/// One rule with the descriptions of its trigger type and its action.
#[utoipa::path(
    get,
    path = "/v1/rules/views/{ref_or_id}",
    tag = "rules",
    params(
        ("ref_or_id" = String, Path, description = "Its reference or id"),
        ("show_secrets" = Option<bool>, Query, description = "Show secret parameters; for administrators"),
    ),
    responses((status = OK, description = "The rule", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let rule: Rule = definition::find(&api, &reference).await?;
    let show = may_show_secrets(&api, &caller, &params);
    let views = RuleViews::load_described(&api, std::slice::from_ref(&rule), show).await?;
    views.described(&rule).map(Json)
}
