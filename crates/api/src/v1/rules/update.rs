//! `PUT /v1/rules/{ref_or_id}`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{AuditAction, Rule};
use serde_json::Value;

use super::draft::{draft, restore_masked};
use crate::change::{kept_file, pack_of};
use crate::extract::Body;
use crate::view::RuleViews;
use crate::warnings::Warnings;
use crate::{Api, ApiError, definition};

/// Replaces a rule. Unlike StackStorm, a secret parameter that comes masked stays what it was.
#[utoipa::path(
    put,
    path = "/v1/rules/{ref_or_id}",
    tag = "rules",
    params(("ref_or_id" = String, Path, description = "Its reference or id")),
    request_body(content = Object, description = "A rule as in a pack"),
    responses(
        (status = OK, description = "As it is now", body = Object),
        (status = 400, description = "It cannot be one"),
        (status = 404, description = "There is none"),
        (status = 409, description = "Its reference is taken"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(reference): Path<String>,
    Body(body): Body,
) -> Result<(Warnings, Json<Value>), ApiError> {
    let old: Rule = definition::find(&api, &reference).await?;
    let (pack, file) = (
        pack_of(&body, &old.pack)?,
        kept_file(&body, &old.metadata_file),
    );
    let (mut draft, warnings) = draft(&api, &caller, body, &pack, &file).await?;
    draft.rule.id = old.id;
    restore_masked(&mut draft.rule, &old);
    let replaced = api.store.replace_rule(&draft).await?;
    let rule = replaced.ok_or_else(|| ApiError::unknown_reference(&reference))?;
    api.changed(&caller, AuditAction::Update, &rule).await;
    let views =
        RuleViews::load(&api, std::slice::from_ref(&rule), !api.options.mask_secrets).await?;
    Ok((warnings, Json(views.view(&rule)?)))
}
