//! `POST /v1/aliasexecution`

use std::sync::Arc;

use alias::{ExtractError, Format, Message, Parameters};
use auth::Caller;
use axum::extract::State;
use axum::{Extension, Json};
use http::StatusCode;
use model::ActionAlias;
use serde_json::Value;
use store::DefinitionFilter;

use super::execute::{Command, execute};
use super::speaker::{self, Speaker};
use crate::aliases::blocking;
use crate::extract::{Body, Fields, Params};
use crate::{Api, ApiError, view};

/// Runs an alias with a command that fits the named one of its formats.
#[utoipa::path(
    post,
    path = "/v1/aliasexecution",
    tag = "aliasexecution",
    params(("show_secrets" = Option<bool>, Query, description = "Do not mask secrets")),
    request_body(content = Object, description = "`name` (or reference), `format`, `command`, `source_channel`, and as wanted `user`, `source_context`, `notification_route`, `notification_channel`"),
    responses(
        (status = CREATED, description = "`execution`, `actionalias`, and the alias's `message` and `extra`", body = Object),
        (status = 400, description = "The command does not fit the format, or its parameters do not fit the action"),
        (status = 404, description = "There is no such alias, or no such action"),
    )
)]
pub(crate) async fn handle(
    State(api): State<Api>,
    Extension(caller): Extension<Caller>,
    params: Params,
    Body(body): Body,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let known = [&speaker::MEMBERS[..], &["name", "format", "command"]].concat();
    let fields = Fields(&body).only(&known)?;
    let speaker = Speaker::read(fields, &caller)?;
    let name = fields.required_text("name")?;
    let format = fields.required_text("format")?;
    let command = fields.required_text("command")?;
    let alias = find(&api, name, format).await?;
    let parameters = extracted(format, command).await?;
    let command = Command {
        alias: Arc::new(alias),
        parameters: vec![parameters],
        speaker,
        caller: &caller,
        show_secrets: view::may_show_secrets(&api, &caller, &params),
    };
    let mut results = execute(&api, command).await?;
    Ok((StatusCode::CREATED, Json(results.pop().unwrap_or_default())))
}

/// The alias with this name that has the format. Packs may have aliases of the same name: StackStorm takes any of them.
async fn find(api: &Api, name: &str, format: &str) -> Result<ActionAlias, ApiError> {
    if name.is_empty() {
        return Err(ApiError::bad_request(
            "Alias execution \"name\" is required",
        ));
    }
    let named = DefinitionFilter {
        name: Some(name.to_owned()),
        ..DefinitionFilter::default()
    };
    let mut found: Vec<ActionAlias> = api.store.all(&named).await?;
    if found.is_empty() {
        found.extend(api.store.find::<ActionAlias>(name).await?);
    }
    if found.is_empty() {
        return Err(ApiError::NotFound(format!(
            "Unable to identify action alias with name \"{name}\"."
        )));
    }
    found.retain(|alias| alias.enabled);
    if found.is_empty() {
        return Err(ApiError::BadRequest(format!(
            "Action alias with name \"{name}\" is disabled."
        )));
    }
    found.retain(|alias| has_format(alias, format));
    only(found, name, format)
}

fn only(mut found: Vec<ActionAlias>, name: &str, format: &str) -> Result<ActionAlias, ApiError> {
    if found.len() > 1 {
        let references: Vec<_> = found
            .iter()
            .map(|alias| format!("\"{}\"", alias.alias_ref))
            .collect();
        return Err(ApiError::BadRequest(format!(
            "Several action aliases with name \"{name}\" have this format; name one of {}",
            references.join(", ")
        )));
    }
    found.pop().ok_or_else(|| {
        ApiError::BadRequest(format!(
            "Format string \"{format}\" is not available on the alias \"{name}\""
        ))
    })
}

fn has_format(alias: &ActionAlias, format: &str) -> bool {
    let is_it = |one: &alias::Representation| one.format.as_deref() == Some(format);
    alias::representations(&alias.formats).is_ok_and(|all| all.iter().any(is_it))
}

/// The parameters that the command gives.
async fn extracted(format: &str, command: &str) -> Result<Parameters, ApiError> {
    let (format, message) = (format.to_owned(), Message::new(command));
    blocking(move || {
        let compiled =
            Format::compile(&format).map_err(|error| ApiError::BadRequest(error.to_string()))?;
        compiled.extract(&message).map_err(|error| {
            ApiError::BadRequest(match error {
                ExtractError::NoMatch { message, format } => {
                    format!("Command \"{message}\" doesn't match format string \"{format}\"")
                }
                other => other.to_string(),
            })
        })
    })
    .await
}
