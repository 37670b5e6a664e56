//! `PUT /v1/inquiries/{id}`: answers.

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use executions::Responder;
use model::AuditAction;
use serde_json::{Value, json};

use crate::extract::{Body, Fields, missing, parse_id};
use crate::{Api, ApiError};

/// Answers an inquiry: its execution succeeds with the response in its result. Values that the inquiry's schema
/// declares secret are masked in what is answered here.
#[utoipa::path(
    put,
    path = "/v1/inquiries/{id}",
    tag = "inquiries",
    params(("id" = String, Path, description = "The execution's id")),
    request_body(content = Object, description = "`response`: an object that fits the inquiry's schema"),
    responses(
        (status = OK, description = "`id` and `response`", body = Object),
        (status = 400, description = "The response does not fit, or the inquiry does not wait (any more)"),
        (status = 403, description = "Somebody else is asked"),
        (status = 404, description = "There is none"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let response = Fields(&body)
        .object("response")?
        .ok_or_else(|| missing("response"))?;
    let responder = Responder {
        user: &caller.user,
        roles: None,
    };
    let response = api
        .executions
        .respond(parse_id(&id)?, response.clone(), responder)
        .await?;
    api.record(&caller, AuditAction::Execute, "inquiry", &id)
        .await;
    Ok(Json(json!({ "id": id, "response": response })))
}
