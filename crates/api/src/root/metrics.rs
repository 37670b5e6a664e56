//! `GET /metrics`: what Prometheus reads.

use axum::extract::State;
use axum::response::IntoResponse;
use http::header;

use crate::{Api, ApiError};

/// The process's metrics, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "root", responses((status = OK, description = "Metrics", body = String)))]
pub(crate) async fn handle(State(api): State<Api>) -> Result<impl IntoResponse, ApiError> {
    let recorder = api
        .metrics
        .as_ref()
        .ok_or_else(|| ApiError::not_found("This process records no metrics."))?;
    Ok((
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        recorder.render(),
    ))
}
