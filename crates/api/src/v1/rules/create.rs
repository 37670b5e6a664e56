//! `POST /v1/rules`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use model::AuditAction;
use serde_json::Value;

use super::draft::draft;
use crate::change::{DEFAULT_PACK, pack_of};
use crate::extract::Body;
use crate::view::RuleViews;
use crate::warnings::Warnings;
use crate::{Api, ApiError};

/// Makes a rule, and the trigger it listens to where there is none yet. It belongs to the pack `default` unless it
/// says otherwise.
#[utoipa::path(
    post,
    path = "/v1/rules",
    tag = "rules",
    request_body(content = Object, description = "A rule as in a pack"),
    responses(
        (status = CREATED, description = "It is stored", body = Object),
        (status = 400, description = "It cannot be one"),
        (status = 409, description = "Its reference is taken"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Body(body): Body,
) -> Result<(StatusCode, Warnings, Json<Value>), ApiError> {
    let pack = pack_of(&body, DEFAULT_PACK)?;
    let (draft, warnings) = draft(&api, &caller, body, &pack, "").await?;
    let rule = api.store.create_rule(&draft).await?;
    api.changed(&caller, AuditAction::Create, &rule).await;
    let views =
        RuleViews::load(&api, std::slice::from_ref(&rule), !api.options.mask_secrets).await?;
    Ok((StatusCode::CREATED, warnings, Json(views.view(&rule)?)))
}
