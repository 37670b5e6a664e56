//! Answering an inquiry.

use model::{Execution, ExecutionId, ExecutionStatus, Object};
use schema::{Schema, ValidationError};
use serde_json::{Value, json};

use super::{RespondError, asked};
use crate::mask::mask_sealed;
use crate::parameters::secrets::Secrets;
use crate::{Executions, Outcome};

/// Responses may have so many bytes as JSON, as other results may.
const MOST_BYTES: usize = 10 * 1024 * 1024;

/// Who answers.
#[derive(Debug, Clone, Copy)]
pub struct Responder<'a> {
    /// Their name.
    pub user: &'a str,
    /// Their roles; `None` where nobody has any, since roles are not kept: then an inquiry that asks for roles takes
    /// everybody's answer, as StackStorm does.
    pub roles: Option<&'a [String]>,
}

impl Executions {
    /// Answers an inquiry that waits: it ends as `succeeded`, its result with the `response` added. Returns the
    /// response as it may be shown: secrets of the inquiry's schema are sealed in the store, and masked here.
    ///
    /// # Errors
    /// Where the inquiry does not wait, asks somebody else, or asks for something else.
    pub async fn respond(
        &self,
        id: ExecutionId,
        response: Object,
        responder: Responder<'_>,
    ) -> Result<Value, RespondError> {
        let execution = self.inquiry(id).await?;
        if !is_asked(&execution, responder) {
            let user = responder.user.to_owned();
            return Err(RespondError::Forbidden { id, user });
        }
        let schema = asked(&execution, "schema");
        let secrets = Secrets::of_schema(schema);
        let mut response = Value::Object(response);
        check(id, schema, &response, &secrets)?;
        let sealed = secrets.each(&mut response, &mut |secret| {
            *secret = self.vault.seal_value(secret);
            Ok::<(), std::convert::Infallible>(())
        });
        match sealed {
            Ok(()) => {}
            Err(never) => match never {},
        }
        let mut shown = response.clone();
        mask_sealed(&mut shown);
        if self.end_inquiry(answered(execution, response)).await? {
            return Ok(shown);
        }
        // Somebody else was faster.
        Err(match self.inquiry(id).await {
            Ok(_) => RespondError::Responded(id),
            Err(error) => error,
        })
    }
}

fn answered(execution: Execution, response: Value) -> Outcome {
    let mut result = execution.result.clone().unwrap_or_else(|| json!({}));
    if let Value::Object(members) = &mut result {
        members.insert("response".to_owned(), response);
    }
    Outcome {
        execution,
        status: ExecutionStatus::Succeeded,
        result,
    }
}

/// Whether this one's answer is wanted: by name, and by role; where none are named, everybody's is.
fn is_asked(execution: &Execution, responder: Responder<'_>) -> bool {
    let names = |list: &str| {
        asked(execution, list)
            .as_array()
            .filter(|all| !all.is_empty())
    };
    let is_named =
        names("users").is_none_or(|users| users.iter().any(|user| user == responder.user));
    let has_role = match (names("roles"), responder.roles) {
        (Some(wanted), Some(had)) => wanted.iter().any(|role| had.iter().any(|had| role == had)),
        (None, _) | (_, None) => true,
    };
    is_named && has_role
}

fn check(
    id: ExecutionId,
    schema: &Value,
    response: &Value,
    secrets: &Secrets,
) -> Result<(), RespondError> {
    let size = response.to_string().len();
    if size > MOST_BYTES {
        let most = MOST_BYTES;
        return Err(RespondError::TooLarge { size, most });
    }
    let schema = Schema::compile(schema).map_err(|error| RespondError::BadSchema { id, error })?;
    match schema.validate(response) {
        Ok(_with_defaults) => Ok(()),
        Err(error) => Err(RespondError::DoesNotFit {
            id,
            reason: reason(&error, secrets),
        }),
    }
}

/// What does not fit, and where. Most messages repeat values: not where some may be secret.
fn reason(error: &ValidationError, secrets: &Secrets) -> String {
    let names_only = matches!(error.validator, "required" | "additionalProperties");
    let message = if names_only || secrets.is_empty() {
        error.message.clone()
    } else {
        let expected = schema::repr(&error.detail.expected);
        format!("the value is not as `{}: {expected}` says", error.validator)
    };
    match error.path.join(".").as_str() {
        "" => message,
        place => format!("In `{place}`: {message}"),
    }
}
