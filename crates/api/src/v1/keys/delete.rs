//! `DELETE /v1/keys/{name}`

use auth::Caller;
use axum::Extension;
use axum::extract::{Path, State};
use http::StatusCode;
use model::AuditAction;

use super::{one_scope, unknown};
use crate::extract::Params;
use crate::{Api, ApiError};

/// Removes an item.
#[utoipa::path(
    delete,
    path = "/v1/keys/{name}",
    tag = "keys",
    params(
        ("name" = String, Path, description = "Its name"),
        ("scope" = Option<String>, Query, description = "`system` (the default) or `user`"),
        ("user" = Option<String>, Query, description = "Of this user: the caller"),
    ),
    responses((status = NO_CONTENT, description = "It is gone"), (status = 404, description = "There was none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    params: Params,
) -> Result<StatusCode, ApiError> {
    let scope = one_scope(&caller, params.get("scope"), params.get("user"))?;
    api.executions
        .delete_key(&scope, &name)
        .await?
        .ok_or_else(|| unknown(&scope, &name))?;
    api.record(
        &caller,
        AuditAction::Delete,
        "key_value_pair",
        &format!("{}:{name}", scope.wire_name()),
    )
    .await;
    Ok(StatusCode::NO_CONTENT)
}
