//! Asking for an action of the pack `packs`, which does the work.

use auth::Caller;
use axum::Json;
use executions::ExecutionRequest;
use http::HeaderMap;
use model::{AuditAction, Object};
use serde_json::{Value, json};

use crate::extract::Fields;
use crate::v1::executions::context;
use crate::{Api, ApiError};

/// Requests `action` with these parameters; answers with the execution's id.
pub(super) async fn request(
    api: &Api,
    caller: &Caller,
    headers: &HeaderMap,
    action: &str,
    parameters: Object,
) -> Result<Json<Value>, ApiError> {
    let context = context::read(api, caller.user.clone(), headers, None).await?;
    let request = ExecutionRequest {
        action: action.to_owned(),
        parameters,
        context,
        delay: None,
        notify: Object::new(),
        variables: Vec::new(),
    };
    let execution = api.executions.request(request).await?;
    api.record(caller, AuditAction::Execute, "action", action)
        .await;
    Ok(Json(json!({"execution_id": execution.id})))
}

/// `packs` of a body: names or sources, at least one.
pub(super) fn packs(body: &Object) -> Result<Value, ApiError> {
    let packs = Fields(body).list("packs")?.unwrap_or_default();
    if packs.is_empty() || !packs.iter().all(Value::is_string) {
        return Err(ApiError::bad_request(
            "\"packs\" must be a list of texts, at least one: what is to be installed or removed",
        ));
    }
    Ok(json!(packs))
}
