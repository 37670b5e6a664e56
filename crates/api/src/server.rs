//! Listening, answering, and stopping.

use axum::Router;
use axum::serve::ListenerExt as _;
use lifecycle::Shutdown;
use tokio::net::TcpListener;

use crate::{Api, router};

/// Why the API stopped serving.
#[derive(Debug, thiserror::Error)]
#[error("the API cannot serve its address")]
pub struct ServeError(#[from] std::io::Error);

/// Serves the API on all `listeners` until `shutdown` drains: then no new connections, open requests are answered,
/// streams end. When `shutdown` stops, whatever is open is dropped.
///
/// # Errors
/// Where a listener fails.
pub async fn serve(
    api: Api,
    listeners: Vec<TcpListener>,
    shutdown: &Shutdown,
) -> Result<(), ServeError> {
    let router = router(api);
    let servers = listeners
        .into_iter()
        .map(|listener| serve_one(listener, router.clone(), shutdown.clone()));
    tokio::select! {
        result = futures::future::try_join_all(servers) => result.map(|_| ()),
        () = shutdown.stopping() => Ok(()),
    }
}

async fn serve_one(
    listener: TcpListener,
    router: Router,
    shutdown: Shutdown,
) -> Result<(), ServeError> {
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!("a connection keeps its delay: {error}");
        }
    });
    axum::serve(listener, router)
        .with_graceful_shutdown(async move { shutdown.draining().await })
        .await?;
    Ok(())
}
