//! Requests that no operation should see, and refusals that no operation worded.

use axum::body::to_bytes;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header;

use crate::ApiError;

/// More of a refusal's text is not of interest.
const LONGEST: usize = 4096;

/// Refuses URLs with a NUL (neither database stores one), and puts refusals that the web framework wrote as plain
/// text into StackStorm's form.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    if has_nul(request.uri().path()) || request.uri().query().is_some_and(has_nul) {
        return ApiError::bad_request("A URL may not hold a NUL character.").into_response();
    }
    let response = next.run(request).await;
    if response.status().is_client_error() && is_plain(&response) {
        return reworded(response).await;
    }
    response
}

fn has_nul(text: &str) -> bool {
    text.contains("%00")
}

fn is_plain(response: &Response) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE);
    content_type.is_some_and(|value| value.as_bytes().starts_with(b"text/plain"))
}

async fn reworded(response: Response) -> Response {
    let status = response.status();
    let text = to_bytes(response.into_body(), LONGEST)
        .await
        .unwrap_or_default();
    let text = String::from_utf8_lossy(&text).into_owned();
    let mut response = ApiError::BadRequest(text).into_response();
    *response.status_mut() = status;
    response
}
