//! `PUT /v1/keys/{name}`

use std::time::Duration;

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use model::{AuditAction, KeyValue, Object};
use serde_json::Value;

use super::{one_scope, unknown_scope};
use crate::extract::{Body, Fields, Params};
use crate::{Api, ApiError, view};

/// Stores an item under the name in the path; what was there is replaced.
#[utoipa::path(
    put,
    path = "/v1/keys/{name}",
    tag = "keys",
    params(("name" = String, Path, description = "Its name")),
    request_body(content = Object, description = "`name`, `value`, and as wanted `scope`, `secret`, `encrypted`, `ttl`"),
    responses((status = OK, description = "As it is now", body = Object), (status = 400, description = "It is no item"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    params: Params,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let item = item(&api, &caller, name, &params, &body)?;
    let (old, new) = api.executions.put_key(item).await?;
    let action = if old.is_some() {
        AuditAction::Update
    } else {
        AuditAction::Create
    };
    api.record(
        &caller,
        action,
        "key_value_pair",
        &format!("{}:{}", new.scope.wire_name(), new.name),
    )
    .await;
    view::key(&api.vault, &new, false).map(Json)
}

fn item(
    api: &Api,
    caller: &Caller,
    name: String,
    params: &Params,
    body: &Object,
) -> Result<KeyValue, ApiError> {
    let fields = Fields(body);
    fields.required_text("name")?;
    let given = fields.required_text("value")?;
    let scope = fields.text("scope")?.or_else(|| params.get("scope"));
    if scope == Some("all") {
        return Err(unknown_scope("all"));
    }
    let scope = one_scope(caller, scope, fields.text("user")?)?;
    let is_sealed = fields.boolean("encrypted")?.unwrap_or(false);
    let is_secret = is_sealed || fields.boolean("secret")?.unwrap_or(false);
    if is_sealed && api.vault.open(given).is_err() {
        return Err(ApiError::BadRequest(format!(
            "Failed to verify the integrity of the provided value for key \"{name}\". Ensure that the value is \
             encrypted with the correct key and not corrupted."
        )));
    }
    let now = api.clock.now();
    Ok(KeyValue {
        id: api.ids.next(now),
        scope,
        name,
        value: if is_secret && !is_sealed {
            api.vault.seal(given)
        } else {
            given.to_owned()
        },
        is_secret,
        expires_at: time_to_live(fields)?.map(|ttl| now + ttl),
        updated_at: now,
    })
}

fn time_to_live(fields: Fields<'_>) -> Result<Option<Duration>, ApiError> {
    let Some(seconds) = fields.integer("ttl")?.filter(|seconds| *seconds != 0) else {
        return Ok(None);
    };
    match u32::try_from(seconds) {
        Ok(seconds) => Ok(Some(Duration::from_secs(seconds.into()))),
        Err(_) => Err(ApiError::BadRequest(format!(
            "ttl \"{seconds}\" must be a number of seconds below 2^32"
        ))),
    }
}
