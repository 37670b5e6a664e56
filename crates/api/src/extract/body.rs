//! Bodies: JSON, and forms where clients send them.

use axum::body::Body as RawBody;
use axum::extract::{FromRequest, Request};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::header;
use model::Object;
use serde_json::Value;

use super::form;
use crate::{Api, ApiError};

/// A body that is an object; no body at all is the empty one.
#[derive(Debug)]
pub(crate) struct Body(pub(crate) Object);

/// A body that is any JSON; no body at all is the empty object, a form an object of lists (as Python's `parse_qs`).
#[derive(Debug)]
pub(crate) struct AnyBody(pub(crate) Value);

/// A body that is text, whatever type its sender names.
#[derive(Debug)]
pub(crate) struct TextBody(pub(crate) String);

/// A body that is a pack's archive, whatever type its sender names.
#[derive(Debug)]
pub(crate) struct ArchiveBody(pub(crate) Bytes);

/// Bytes that an archive may have.
const ARCHIVE_LIMIT: usize = 128 * 1024 * 1024;
/// Beyond the limit so many bytes more are read and thrown away, so that the sender gets to see the answer.
const READ_PAST_LIMIT: usize = 96 * 1024 * 1024;

impl FromRequest<Api> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        match AnyBody::from_request(request, api).await?.0 {
            Value::Object(object) => Ok(Self(object)),
            _ => Err(ApiError::bad_request(
                "Failed to parse request body: an object is expected",
            )),
        }
    }
}

impl FromRequest<Api> for AnyBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media = content_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        let bytes = read(request.into_body(), api.options.body_limit).await?;
        parse(&media, &bytes).map(Self)
    }
}

impl FromRequest<Api> for TextBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, api: &Api) -> Result<Self, ApiError> {
        let bytes = read(request.into_body(), api.options.body_limit).await?;
        match String::from_utf8(bytes.into()) {
            Ok(text) => Ok(Self(text)),
            Err(error) => Err(ApiError::BadRequest(format!(
                "Failed to read request body: {error}"
            ))),
        }
    }
}

impl FromRequest<Api> for ArchiveBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &Api) -> Result<Self, ApiError> {
        read(request.into_body(), ARCHIVE_LIMIT).await.map(Self)
    }
}

async fn read(body: RawBody, limit: usize) -> Result<Bytes, ApiError> {
    let mut chunks = body.into_data_stream();
    let (mut held, mut passed) = (BytesMut::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| {
            ApiError::BadRequest(format!("Failed to read request body: {error}"))
        })?;
        if passed > 0 || held.len() + chunk.len() > limit {
            held.clear();
            passed += chunk.len();
        } else {
            held.extend_from_slice(&chunk);
        }
        if passed > READ_PAST_LIMIT {
            break;
        }
    }
    if passed > 0 {
        Err(ApiError::TooLarge(limit))
    } else {
        Ok(held.freeze())
    }
}

fn parse(media: &str, bytes: &[u8]) -> Result<Value, ApiError> {
    let fault =
        |reason: String| ApiError::BadRequest(format!("Failed to parse request body: {reason}"));
    if bytes.is_empty() {
        return Ok(Value::Object(Object::new()));
    }
    if media == "application/x-www-form-urlencoded" {
        return Ok(lists(form::pairs(bytes)));
    }
    if !is_json(media) {
        return Err(fault(format!("Unsupported Content-Type: \"{media}\"")));
    }
    serde_json::from_slice(bytes).map_err(|error| fault(error.to_string()))
}

/// Clients that name no type, or plain text, mean JSON: StackStorm reads it so.
fn is_json(media: &str) -> bool {
    matches!(media, "" | "application/json" | "text/plain") || media.ends_with("+json")
}

fn lists(pairs: Vec<(String, String)>) -> Value {
    let mut object = Object::new();
    for (name, value) in pairs.into_iter().filter(|(_, value)| !value.is_empty()) {
        let list = object
            .entry(name)
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(Value::String(value));
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_body_is_the_empty_object() {
        assert_eq!(parse("application/json", b"").unwrap(), json!({}));
    }

    #[test]
    fn a_form_is_an_object_of_lists() {
        let read = parse(
            "application/x-www-form-urlencoded",
            b"kind=go&tag=a&tag=b&empty=",
        )
        .unwrap();

        assert_eq!(read, json!({"kind": ["go"], "tag": ["a", "b"]}));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let text = |media: &str, body: &[u8]| parse(media, body).unwrap_err().to_string();

        assert!(
            text("application/json", b"{\"a\": ").starts_with("Failed to parse request body: EOF")
        );
        assert_eq!(
            text("text/xml", b"<a/>"),
            "Failed to parse request body: Unsupported Content-Type: \"text/xml\""
        );
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_not() {
        assert_eq!(
            read(RawBody::from("12345678"), 8).await.unwrap(),
            "12345678"
        );
        assert!(matches!(
            read(RawBody::from("123456789"), 8).await,
            Err(ApiError::TooLarge(8))
        ));
    }
}
