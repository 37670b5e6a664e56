//! `GET /openapi.json`: the document of this API.

use axum::Json;
use axum::extract::State;
use utoipa::openapi::{InfoBuilder, OpenApi};

use crate::{Api, router};

/// Every operation that there is.
#[utoipa::path(get, path = "/openapi.json", tag = "root", responses((status = OK, description = "The document", body = Object)))]
pub(crate) async fn handle(State(api): State<Api>) -> Json<OpenApi> {
    Json(router::open_api(&api))
}

/// Names the document, and writes the router's own path syntax as `OpenAPI` has it.
pub(crate) fn finished(mut document: OpenApi) -> OpenApi {
    document.info = InfoBuilder::new()
        .title("Petrel")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Event-driven automation; the paths are StackStorm's. Also served below `/api`.",
        ))
        .build();
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, item)| (path.replace("{*", "{"), item))
        .collect();
    document
}
