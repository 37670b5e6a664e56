//! `POST /v1/executions/{id}/re_run`

use auth::Caller;
use axum::extract::{Path, State};
use axum::{Extension, Json};
use executions::RerunOptions;
use http::StatusCode;
use model::{AuditAction, Object};
use serde_json::Value;

use super::create::delay;
use super::find;
use crate::extract::{Body, Fields, Params, on_behalf_of};
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// Asks for the same once more. `parameters` replace those of the first run; with `no_merge` nothing of it is kept. A
/// workflow that has ended begins again at `tasks`, with what the others left; those in `reset` run for all their items.
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
    let options = options(&caller, &params, &body)?;
    let execution = api.executions.re_run(original.id, options).await?;
    api.record(&caller, AuditAction::Execute, "execution", &id)
        .await;
    let show_secrets = view::may_show_secrets(&api, &caller, &params);
    let mut view = view::execution(&api, execution, &Projection::All, show_secrets).await?;
    // As it was requested: whoever conducts it may have asked for tasks since.
    if let Some(members) = view.as_object_mut() {
        members.remove("children");
    }
    Ok((StatusCode::CREATED, Json(view)))
}

fn options(caller: &Caller, params: &Params, body: &Object) -> Result<RerunOptions, ApiError> {
    let fields = Fields(body);
    Ok(RerunOptions {
        parameters: fields.object("parameters")?.cloned().unwrap_or_default(),
        is_from_scratch: params.flag("no_merge"),
        tasks: names(fields, "tasks")?,
        reset: names(fields, "reset")?,
        delay: delay(fields)?,
        user: on_behalf_of(caller, fields.text("user")?)?,
    })
}

/// A list of tasks, by their names.
fn names(fields: Fields<'_>, field: &str) -> Result<Vec<String>, ApiError> {
    let list = fields.list(field)?.unwrap_or_default();
    let name = |item: &Value| {
        let name = item.as_str().map(str::to_owned);
        name.ok_or_else(|| ApiError::BadRequest(format!("{item} is not of type 'string'")))
    };
    list.iter().map(name).collect()
}
