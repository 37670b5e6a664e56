//! `POST /v1/executions/{id}/re_run`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use executions::{ExecutionRequest, RerunOptions};
use http::StatusCode;
use model::{AuditAction, Execution, ExecutionContext, Object};
use serde_json::Value;

use super::create::delay;
use super::find;
use crate::extract::{Body, Fields, Params, on_behalf_of};
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Asks for the same once more. `parameters` replace those of the first run; with `no_merge` nothing of it is kept.
#[utoipa::path(
    post,
    path = "/v1/executions/{id}/re_run",
    tag = "executions",
    params(
        ("id" = String, Path, description = "The first run's id"),
        ("no_merge" = Option<bool>, Query, description = "Take the given parameters only"),
        ("show_secrets" = Option<bool>, Query, description = "Do not mask secrets"),
    ),
    request_body(content = Object, description = "As wanted `parameters`, `delay` (ms), `tasks`, `reset`"),
    responses((status = CREATED, description = "The new execution", body = Object), (status = 404, description = "There is none"))
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    params: Params,
    Body(body): Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let original = find(&api, &id).await?;
    let options = options(&caller, &body)?;
    let execution = if params.flag("no_merge") {
        api.executions
            .request(from_scratch(original, options))
            .await?
    } else {
        api.executions.re_run(original.id, options).await?
    };
    api.record(&caller, AuditAction::Execute, "execution", &id)
        .await;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let view = view::execution(&api, execution, &Projection::All, show_secrets).await?;
    Ok((StatusCode::CREATED, Json(view)))
}

fn options(caller: &Caller, body: &Object) -> Result<RerunOptions, ApiError> {
    let fields = Fields(body);
    refuse_tasks(fields)?;
    Ok(RerunOptions {
        parameters: fields.object("parameters")?.cloned().unwrap_or_default(),
        delay: delay(fields)?,
        user: on_behalf_of(caller, fields.text("user")?)?,
    })
}

/// Tasks of workflows cannot be re-run alone yet; the words are StackStorm's.
fn refuse_tasks(fields: Fields<'_>) -> Result<(), ApiError> {
    let is_given =
        |name: &str| Ok::<_, ApiError>(fields.list(name)?.is_some_and(|list| !list.is_empty()));
    if is_given("tasks")? {
        return Err(ApiError::bad_request(
            "Task option is only supported for Orquesta workflows.",
        ));
    }
    if is_given("reset")? {
        return Err(ApiError::bad_request(
            "List of tasks to reset does not match the tasks to rerun.",
        ));
    }
    Ok(())
}

fn from_scratch(original: Execution, options: RerunOptions) -> ExecutionRequest {
    ExecutionRequest {
        action: original.action_ref.to_string(),
        parameters: options.parameters,
        context: ExecutionContext {
            user: options.user,
            trace: original.context.trace,
            re_run_of: Some(original.id),
            ..ExecutionContext::default()
        },
        delay: options.delay,
        notify: Object::new(),
        variables: Vec::new(),
    }
}
