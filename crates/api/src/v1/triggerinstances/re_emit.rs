//! `POST /v1/triggerinstances/{id}/re_emit`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use intake::{Event, Target, TraceRequest};
use model::{AuditAction, TriggerInstance};
use serde_json::{Value, json};

use super::get::find;
use crate::{Api, ApiError};

/// Lets something happen once more: a new instance with the same payload, in the same trace.
#[utoipa::path(
    post,
    path = "/v1/triggerinstances/{id}/re_emit",
    tag = "triggerinstances",
    params(("id" = String, Path, description = "Its id")),
    responses(
        (status = OK, description = "It was sent", body = Object),
        (status = 404, description = "There is none"),
        (status = 429, description = "Too much waits already"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let original = find(&api, &id).await?;
    let payload = marked(&original);
    let event = Event {
        target: Target::Reference(original.trigger),
        payload: payload.clone(),
        trace: Some(TraceRequest::Existing(original.trace)),
        caused_by: None,
    };
    api.intake.accept(event).await?;
    api.record(&caller, AuditAction::Execute, "trigger_instance", &id)
        .await;
    Ok(Json(
        json!({"message": format!("Trigger instance {id} succesfully re-sent."), "payload": payload}),
    ))
}

/// The payload, with a word on where it comes from.
fn marked(original: &TriggerInstance) -> Value {
    let mut payload = original.payload.clone();
    if let Value::Object(members) = &mut payload {
        members.insert("__context".to_owned(), json!({"original_id": original.id}));
    }
    payload
}
