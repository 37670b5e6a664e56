//! A server of a few routes for tests of what talks HTTP.

use axum::Router;

use super::endpoint::{Credential, Endpoint};
use super::http::Client;

/// A client of a server that serves `router` on a free port for as long as the test's runtime lives.
#[expect(
    clippy::disallowed_methods,
    reason = "the server ends with the test's runtime"
)]
pub(crate) async fn client_of(router: Router) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    client_at(&format!("http://{address}"))
}

/// A client with the token `secret`.
pub(crate) fn client_at(api: &str) -> Client {
    // Fails where an earlier test of this process has done it.
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let credential = Some(Credential::Token("secret".to_owned()));
    Client::new(Endpoint {
        api: api.to_owned(),
        stream: format!("{api}/stream"),
        credential,
    })
    .unwrap()
}
