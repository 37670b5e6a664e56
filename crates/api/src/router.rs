//! Puts the operations, the paths and the layers together.

use std::any::Any;

use axum::Router;
use axum::extract::Request;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::openapi::OpenApi;

use crate::operations::Operations;
use crate::{Api, ApiError, Operation, cors, prefix, request_log, root, v1, words};

/// The whole API as one service.
pub fn router(api: Api) -> Router {
    let (routes, _) = all(&api).into_parts();
    let known = routes
        .fallback(no_such_path)
        .method_not_allowed_fallback(no_such_path)
        .with_state(api.clone());
    let layers = ServiceBuilder::new()
        .layer(from_fn(request_log::layer))
        .layer(from_fn_with_state(api, cors::layer))
        .layer(from_fn(words::layer))
        .layer(CatchPanicLayer::custom(after_panic))
        .map_request(prefix::unmap);
    Router::new().fallback_service(layers.service(known))
}

/// Every operation with its access.
#[must_use]
pub fn operations(api: &Api) -> Vec<Operation> {
    all(api).list().to_vec()
}

/// The `OpenAPI` document of every operation.
#[must_use]
pub fn open_api(api: &Api) -> OpenApi {
    let (_, document) = all(api).into_parts();
    root::openapi::finished(document)
}

fn all(api: &Api) -> Operations {
    let operations = Operations::new(api.clone());
    let operations = root::operations(operations);
    v1::operations(operations)
}

/// As in StackStorm an unknown path and a known path with another method are one answer, given before the sender is
/// looked at.
async fn no_such_path(_: Request) -> ApiError {
    ApiError::not_found("The resource could not be found.")
}

#[expect(clippy::needless_pass_by_value, reason = "the layer wants it so")]
fn after_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    ApiError::Internal(format!("a handler panicked: {text}").into()).into_response()
}
