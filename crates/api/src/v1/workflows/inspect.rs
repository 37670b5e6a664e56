//! `POST /v1/workflows/inspect`

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::extract::TextBody;
use crate::{Api, ApiError};

/// Variables that StackStorm sets before a workflow begins.
const SET_BEFORE: [&str; 2] = ["st2", "parent"];

/// Says what is wrong with a workflow of Orquesta's, without running it: its shape, where its tasks lead, its
/// expressions, its variables, and the actions that it asks for.
#[utoipa::path(
    post,
    path = "/v1/workflows/inspect",
    tag = "workflows",
    request_body(content = String, content_type = "text/plain", description = "The definition, YAML"),
    responses(
        (status = OK, description = "What is wrong; nothing where all is well", body = Vec<Object>),
        (status = 400, description = "That is no YAML, or not a mapping"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    TextBody(text): TextBody,
) -> Result<Json<Vec<Value>>, ApiError> {
    refuse_unreadable(&text)?;
    let errors = api.executions.inspect_workflow(&text, &SET_BEFORE).await?;
    Ok(Json(errors))
}

/// As in StackStorm what cannot be read at all is a bad request, not an error in a list.
fn refuse_unreadable(text: &str) -> Result<(), ApiError> {
    let refused = |reason: &str| {
        ApiError::BadRequest(format!(
            "Failed to load workflow definition because {reason}"
        ))
    };
    match yaml::to_json(text) {
        Ok(Value::Object(_)) => Ok(()),
        Ok(Value::Null) => Err(refused("it is empty.")),
        Ok(_) => Err(refused(
            "it is no mapping: a workflow has `version` and `tasks`.",
        )),
        Err(error) => Err(refused(&error.to_string())),
    }
}
