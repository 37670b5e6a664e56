//! One line in the log, and one observation in the metrics, for each request.

use std::time::Instant;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;

use crate::metrics;

/// Logs what was asked and how it was answered. Queries are left out: they may hold credentials.
pub(crate) async fn layer(request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let response = next.run(request).await;
    let duration = began.elapsed();
    let status = response.status().as_u16();
    metrics::observe_request(&method, status, duration);
    let duration_ms = duration.as_secs_f64() * 1000.0;
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                http.method = %method,
                http.path = path,
                http.status = status,
                duration_ms,
                "{method} {path} answered {status}"
            )
        };
    }
    // What goes well is for those who look for it: under load these lines would cost as much as the work.
    match status {
        500.. => line!(warn),
        400.. => line!(info),
        _ => line!(debug),
    }
    response
}
