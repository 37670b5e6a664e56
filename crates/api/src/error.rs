//! The one place where failures become a status and StackStorm's `{"faultstring": ...}`.

use std::error::Error;
use std::sync::Arc;

use auth::{AuthenticationError, Forbidden};
use axum::Json;
use axum::response::{IntoResponse, Response};
use executions::{CancelError, PauseError, RequestError, RerunError, RespondError, SettleError};
use http::{HeaderValue, StatusCode, header};
use intake::IntakeError;
use model::ObjectId;
use packs::Complaint;
use serde_json::{Value, json};
use store::{SaveError, StoreError};

/// Why a request was not done. Its text is what the caller reads.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// The request makes no sense (400).
    #[error("{0}")]
    BadRequest(String),
    /// Nobody knows who asks (401).
    #[error("{0}")]
    Unauthorized(String),
    /// Who asks may not (403).
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing (404).
    #[error("{0}")]
    NotFound(String),
    /// Another thing has this reference (409).
    #[error("{message}")]
    Conflict {
        /// What is wrong.
        message: String,
        /// The other thing.
        id: ObjectId,
    },
    /// The body is too large (413).
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// Too much waits already (429).
    #[error("{0}")]
    Overloaded(String),
    /// Something that this depends on does not answer (503).
    #[error("{0}")]
    Unavailable(String, #[source] Option<Box<dyn Error + Send + Sync>>),
    /// A fault of ours (500); the caller is told nothing about its cause.
    #[error("Internal Server Error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ApiError {
    /// A 400 with this text.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::BadRequest(message.into())
    }

    /// A 404 with this text.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::NotFound(message.into())
    }

    /// The 404 of something looked up by id alone.
    pub fn unknown_id(id: impl std::fmt::Display) -> Self {
        Self::NotFound(format!("Unable to identify resource with id \"{id}\"."))
    }

    /// The 404 of something looked up by reference or id.
    pub fn unknown_reference(reference: impl std::fmt::Display) -> Self {
        Self::NotFound(format!(
            "Resource with a reference or id \"{reference}\" not found"
        ))
    }

    /// Its status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Overloaded(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable(..) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn body(&self) -> Value {
        match self {
            Self::Conflict { message, id } => {
                json!({"faultstring": message, "conflict-id": id.to_string()})
            }
            other => json!({"faultstring": other.to_string()}),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match &self {
            Self::Internal(cause) => tracing::error!("a request failed: {}", chain(cause.as_ref())),
            Self::Unavailable(_, Some(cause)) => {
                tracing::warn!("a request was refused: {}", chain(cause.as_ref()));
            }
            _ => {}
        }
        let status = self.status();
        let mut response = (status, Json(self.body())).into_response();
        if matches!(
            status,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        ) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

/// An error and its causes, joined by colons.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::from(Arc::new(error))
    }
}

impl From<Arc<StoreError>> for ApiError {
    fn from(error: Arc<StoreError>) -> Self {
        match *error {
            StoreError::Unavailable(_) | StoreError::CannotWrite(..) => {
                Self::Unavailable(error.to_string(), Some(Box::new(error)))
            }
            _ => Self::Internal(Box::new(error)),
        }
    }
}

impl From<SaveError> for ApiError {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::Conflict { id, .. } => Self::Conflict {
                message: error.to_string(),
                id,
            },
            SaveError::Store(error) => error.into(),
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl From<IntakeError> for ApiError {
    fn from(error: IntakeError) -> Self {
        match error {
            IntakeError::UnknownTrigger(_) | IntakeError::InvalidPayload { .. } => {
                Self::BadRequest(error.to_string())
            }
            IntakeError::Overloaded => Self::Overloaded(error.to_string()),
            IntakeError::Closed => Self::Unavailable(error.to_string(), None),
            IntakeError::Store(error) => error.into(),
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl From<RequestError> for ApiError {
    fn from(error: RequestError) -> Self {
        match error {
            RequestError::Store(error) => error.into(),
            other => Self::BadRequest(other.to_string()),
        }
    }
}

impl From<CancelError> for ApiError {
    fn from(error: CancelError) -> Self {
        match error {
            CancelError::Unknown(id) => Self::unknown_id(id),
            CancelError::Store(error) => error.into(),
            other => Self::BadRequest(other.to_string()),
        }
    }
}

impl From<PauseError> for ApiError {
    fn from(error: PauseError) -> Self {
        match error {
            PauseError::Unknown(id) => Self::unknown_id(id),
            PauseError::Store(error) => error.into(),
            other => Self::BadRequest(format!("Failed updating execution. {other}")),
        }
    }
}

impl From<SettleError> for ApiError {
    fn from(error: SettleError) -> Self {
        match error {
            SettleError::Unknown(id) => Self::unknown_id(id),
            SettleError::Store(error) => error.into(),
            other => Self::BadRequest(other.to_string()),
        }
    }
}

impl From<RespondError> for ApiError {
    fn from(error: RespondError) -> Self {
        match error {
            RespondError::Unknown(_) => Self::NotFound(error.to_string()),
            RespondError::Forbidden { .. } => Self::Forbidden(error.to_string()),
            RespondError::Store(error) => error.into(),
            other => Self::BadRequest(other.to_string()),
        }
    }
}

impl From<RerunError> for ApiError {
    fn from(error: RerunError) -> Self {
        match error {
            RerunError::Unknown(id) => Self::unknown_id(id),
            RerunError::Request(error) => error.into(),
            other => Self::BadRequest(other.to_string()),
        }
    }
}

impl From<Complaint> for ApiError {
    fn from(complaint: Complaint) -> Self {
        Self::BadRequest(complaint.message)
    }
}

impl From<AuthenticationError> for ApiError {
    fn from(error: AuthenticationError) -> Self {
        Self::Unauthorized(error.to_string())
    }
}

impl From<Forbidden> for ApiError {
    fn from(error: Forbidden) -> Self {
        Self::Forbidden(error.to_string())
    }
}

impl From<serde_json::Error> for ApiError {
    /// Something of ours could not be written as JSON; bodies of callers are read elsewhere.
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_names_the_one_that_was_first() {
        let id: ObjectId = "65f000000000000000000001".parse().unwrap();
        let error = ApiError::from(SaveError::Conflict {
            reference: "core.x".into(),
            id,
        });

        assert_eq!(error.status(), StatusCode::CONFLICT);
        assert_eq!(
            error.body(),
            json!({"faultstring": "`core.x` exists already", "conflict-id": "65f000000000000000000001"})
        );
    }

    #[test]
    fn overload_says_when_to_try_again() {
        let response = ApiError::from(IntakeError::Overloaded).into_response();

        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()[header::RETRY_AFTER], "1");
    }

    #[test]
    fn a_fault_of_ours_tells_no_details() {
        let error = ApiError::Internal("password=hunter2".into());

        assert_eq!(
            error.body(),
            json!({"faultstring": "Internal Server Error"})
        );
    }
}
