//! `POST /v1/aliasexecution/match_and_execute`

use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use serde_json::{Value, json};

use super::execute::{Command, execute};
use super::speaker::{self, Speaker};
use crate::extract::{Body, Fields, Params};
use crate::{Api, ApiError, view};

/// Runs what a chat line means. A format with `match_multiple` may mean several executions at once.
#[utoipa::path(
    post,
    path = "/v1/aliasexecution/match_and_execute",
    tag = "aliasexecution",
    params(("show_secrets" = Option<bool>, Query, description = "Do not mask secrets")),
    request_body(content = Object, description = "`command`, `source_channel`, and as wanted `user`, `source_context`, `notification_route`, `notification_channel`"),
    responses(
        (status = CREATED, description = "`results`: for each execution `execution`, `actionalias`, and the alias's `message` and `extra`", body = Object),
        (status = 400, description = "The command means no alias or several, or its parameters do not fit"),
        (status = 404, description = "There is no such action"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    params: Params,
    Body(body): Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let known = [&speaker::MEMBERS[..], &["command"]].concat();
    let fields = Fields(&body).only(&known)?;
    let command = fields.required_text("command")?;
    let speaker = Speaker::read(fields, &caller)?;
    let meant = api.meaning(command).await?;
    let command = Command {
        alias: meant.alias,
        parameters: meant.parameters,
        speaker,
        caller: &caller,
        show_secrets: view::may_show_secrets(&api, &caller, &params),
    };
    let results = execute(&api, command).await?;
    Ok((StatusCode::CREATED, Json(json!({ "results": results }))))
}
