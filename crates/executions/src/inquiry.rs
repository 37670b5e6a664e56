//! Inquiries: executions that ask somebody something, wait as `pending`, and end with the answer.
//!
//! What is asked stands in the execution's result from the start: a schema of the answer, who may give it, a route
//! for rules, and how many minutes to wait.

mod ask;
mod expire;
mod respond;

use chrono::{DateTime, TimeDelta, Utc};
use model::{Execution, ExecutionId, ExecutionStatus, Object};
use schema::{Schema, SchemaError};
use serde_json::{Map, Value, json};
use store::StoreError;

use crate::mask::mask_sealed;
use crate::{Executions, Outcome};

pub use respond::Responder;

/// The runner whose executions are inquiries.
pub const INQUIRER: &str = "inquirer";

/// Why nobody could answer a question.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum QuestionError {
    /// The parameter `schema` is not an object.
    #[error("the parameter `schema` must be an object: a JSON schema of the answer")]
    NoSchema,
    /// The parameter `schema` is no schema.
    #[error("the parameter `schema` cannot be used: {0}")]
    BadSchema(#[from] SchemaError),
}

/// Why a response to an inquiry was not taken.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RespondError {
    /// There is no execution with this id.
    #[error("Inquiry with id \"{0}\" not found.")]
    Unknown(ExecutionId),
    /// The execution asks nothing.
    #[error("Action execution \"{0}\" is not an inquiry.")]
    NotAnInquiry(ExecutionId),
    /// It has not asked yet.
    #[error("Inquiry \"{id}\" does not wait for a response yet: it is {status}.")]
    NotAsked {
        /// Which.
        id: ExecutionId,
        /// Where it stands.
        status: ExecutionStatus,
    },
    /// Somebody has answered it.
    #[error("Inquiry \"{0}\" has already been responded to.")]
    Responded(ExecutionId),
    /// Nobody answered it in time.
    #[error("Inquiry \"{0}\" timed out and cannot be responded to.")]
    TimedOut(ExecutionId),
    /// It ended without an answer.
    #[error("Inquiry \"{id}\" has ended as {status} and cannot be responded to.")]
    Ended {
        /// Which.
        id: ExecutionId,
        /// How.
        status: ExecutionStatus,
    },
    /// Somebody else is asked.
    #[error("User \"{user}\" does not have permission to respond to inquiry \"{id}\".")]
    Forbidden {
        /// Which.
        id: ExecutionId,
        /// Who answered.
        user: String,
    },
    /// The response is not what the schema says.
    #[error("Response for inquiry \"{id}\" did not pass schema validation. {reason}")]
    DoesNotFit {
        /// Which.
        id: ExecutionId,
        /// Where and why; values of secrets are not in it.
        reason: String,
    },
    /// The response is larger than results may be.
    #[error("The response has {size} bytes; at most {most} can be stored.")]
    TooLarge {
        /// Its bytes as JSON.
        size: usize,
        /// How many it may have.
        most: usize,
    },
    /// The inquiry's own schema cannot be used.
    #[error("The schema of inquiry \"{id}\" cannot be used: {error}")]
    BadSchema {
        /// Which.
        id: ExecutionId,
        /// Why.
        error: SchemaError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The result of an inquiry that waits, from the final parameters of its runner.
///
/// # Errors
/// Where no response could ever be checked.
pub fn question(parameters: &Object) -> Result<Value, QuestionError> {
    let given = |name: &str| parameters.get(name).filter(|value| !value.is_null());
    let schema = given("schema")
        .filter(|schema| schema.is_object())
        .ok_or(QuestionError::NoSchema)?;
    Schema::compile(schema)?;
    Ok(json!({
        "schema": schema,
        "roles": given("roles").cloned().unwrap_or_else(|| json!([])),
        "users": given("users").cloned().unwrap_or_else(|| json!([])),
        "route": given("route").cloned().unwrap_or_else(|| json!("")),
        "ttl": given("ttl").cloned().unwrap_or_else(|| json!(1440)),
    }))
}

/// An inquiry as its readers see it: `id`, `route`, `ttl`, `users`, `roles`, `schema`. What the result lacks is null.
#[must_use]
pub fn inquiry_view(execution: &Execution) -> Value {
    let mut view = Map::from_iter([("id".to_owned(), json!(execution.id))]);
    for name in ["route", "ttl", "users", "roles", "schema"] {
        let mut value = asked(execution, name).clone();
        mask_sealed(&mut value);
        view.insert(name.to_owned(), value);
    }
    Value::Object(view)
}

impl Executions {
    /// An inquiry that waits for its answer.
    ///
    /// # Errors
    /// Where there is none with this id, or it does not wait.
    pub async fn inquiry(&self, id: ExecutionId) -> Result<Execution, RespondError> {
        use ExecutionStatus as S;
        let execution = self.store.execution(id).await?;
        let execution = execution.ok_or(RespondError::Unknown(id))?;
        if execution.runner != INQUIRER {
            return Err(RespondError::NotAnInquiry(id));
        }
        match execution.status {
            S::Pending => Ok(execution),
            S::Succeeded => Err(RespondError::Responded(id)),
            S::TimedOut => Err(RespondError::TimedOut(id)),
            status @ (S::Failed | S::Abandoned | S::Canceled | S::Canceling) => {
                Err(RespondError::Ended { id, status })
            }
            status @ (S::Requested
            | S::Delayed
            | S::Scheduled
            | S::Running
            | S::Pausing
            | S::Paused
            | S::Resuming) => Err(RespondError::NotAsked { id, status }),
        }
    }

    /// Stores the end of an inquiry that waits, and announces it. False where it does not wait any more.
    async fn end_inquiry(&self, outcome: Outcome) -> Result<bool, StoreError> {
        let end = self.end(outcome).await;
        let has_ended = self.store.end_pending(&end.stored).await?;
        if has_ended {
            self.announce_ends(vec![end]);
        }
        Ok(has_ended)
    }
}

/// A part of what an inquiry asks.
fn asked<'a>(execution: &'a Execution, name: &str) -> &'a Value {
    let result = execution.result.as_ref();
    result
        .and_then(|result| result.get(name))
        .unwrap_or(&Value::Null)
}

/// Until when an inquiry waits that asks at this time; `None` is for ever, which a time of zero minutes and less says.
fn waits_until(result: &Value, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let minutes = result.get("ttl")?.as_i64().filter(|minutes| *minutes > 0)?;
    at.checked_add_signed(TimeDelta::try_minutes(minutes)?)
}
