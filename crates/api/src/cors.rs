//! The CORS headers that StackStorm sets on every answer, and the id of a request.

use std::net::IpAddr;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use model::ObjectId;

use crate::Api;

const DEFAULT_ORIGINS: [&str; 3] = [
    "http://127.0.0.1:3000",
    "http://localhost:8080",
    "http://127.0.0.1:8080",
];
const METHODS: HeaderValue = HeaderValue::from_static("GET,POST,PUT,DELETE,OPTIONS");
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("Content-Type,Authorization,X-Auth-Token,St2-Api-Key,X-Request-ID");
const RESPONSE_HEADERS: HeaderValue =
    HeaderValue::from_static("Content-Type,X-Limit,X-Total-Count,X-Request-ID");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Answers `OPTIONS` itself and adds the headers to every other answer.
pub(crate) async fn layer(State(api): State<Api>, request: Request, next: Next) -> Response {
    let origin = origin(request.headers(), &api.options.allowed_origins);
    let id = request
        .headers()
        .get(REQUEST_ID)
        .cloned()
        .unwrap_or_else(|| fresh_id(&api));
    let mut response = if request.method() == Method::OPTIONS {
        ().into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
    headers.insert(REQUEST_ID, id);
    response
}

/// The request's origin where it is allowed, else one that is.
fn origin(headers: &HeaderMap, allowed: &[String]) -> HeaderValue {
    let fallback = HeaderValue::from_static(DEFAULT_ORIGINS[0]);
    let Some(origin) = headers.get(header::ORIGIN) else {
        return fallback;
    };
    let is_known = |known: &str| known == "*" || origin.as_bytes() == known.as_bytes();
    let is_allowed =
        DEFAULT_ORIGINS.into_iter().any(is_known) || allowed.iter().any(|known| is_known(known));
    if is_allowed { origin.clone() } else { fallback }
}

/// Whether a page of another site asks: its browser sends no preflight with some requests (`text/plain`), so that where
/// nobody has to say who they are, any page could have commands run.
pub(crate) fn is_foreign(headers: &HeaderMap, allowed: &[String]) -> bool {
    match headers.get(header::ORIGIN) {
        Some(given) => origin(headers, allowed) != *given && !is_own(headers, given),
        // A page whose own name was made to point here asks without an origin, but under that name.
        None => host(headers).is_some_and(|host| !is_loopback(host)),
    }
}

fn host(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::HOST)?.to_str().ok()
}

/// Whether the page comes from here: from the address that it asks, and that address is this machine's own (a foreign
/// name may be made to point here).
fn is_own(headers: &HeaderMap, origin: &HeaderValue) -> bool {
    let authority = origin.to_str().ok().and_then(|origin| {
        let rest = origin.strip_prefix("http://");
        rest.or_else(|| origin.strip_prefix("https://"))
    });
    match (authority, host(headers)) {
        (Some(authority), Some(host)) => authority.eq_ignore_ascii_case(host) && is_loopback(host),
        _ => false,
    }
}

fn is_loopback(authority: &str) -> bool {
    let Ok(authority) = authority.parse::<Authority>() else {
        return false;
    };
    let host = authority.host().trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn fresh_id(api: &Api) -> HeaderValue {
    let id: ObjectId = api.ids.next(api.clock.now());
    HeaderValue::from_str(&id.to_string()).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_repeated_only_where_it_is_allowed() {
        let from = |text: &'static str| {
            HeaderMap::from_iter([(header::ORIGIN, HeaderValue::from_static(text))])
        };

        assert_eq!(
            origin(&from("http://localhost:8080"), &[]),
            "http://localhost:8080"
        );
        assert_eq!(
            origin(&from("http://evil.example"), &[]),
            "http://127.0.0.1:3000"
        );
        assert_eq!(
            origin(&from("http://ops.example"), &["http://ops.example".into()]),
            "http://ops.example"
        );
        assert_eq!(
            origin(&from("http://any.example"), &["*".into()]),
            "http://any.example"
        );
        assert_eq!(origin(&HeaderMap::new(), &[]), "http://127.0.0.1:3000");
    }

    #[test]
    fn a_page_is_foreign_unless_it_is_allowed_or_comes_from_the_loopback_address_it_asks() {
        let foreign = |origin: &'static str, host: &'static str| {
            let headers = HeaderMap::from_iter([
                (header::ORIGIN, HeaderValue::from_static(origin)),
                (header::HOST, HeaderValue::from_static(host)),
            ]);
            is_foreign(&headers, &["http://ops.example".into()])
        };

        assert!(!foreign("http://127.0.0.1:9101", "127.0.0.1:9101"));
        assert!(!foreign("http://localhost:9101", "localhost:9101"));
        assert!(!foreign("http://[::1]:9101", "[::1]:9101"));
        assert!(!foreign("http://ops.example", "127.0.0.1:9101"));
        assert!(foreign("http://evil.example", "127.0.0.1:9101"));
        assert!(foreign("http://evil.example:9101", "evil.example:9101"));
        assert!(foreign("null", "127.0.0.1:9101"));
        assert!(!is_foreign(&HeaderMap::new(), &[]));
    }

    #[test]
    fn a_name_that_was_made_to_point_here_is_foreign() {
        let foreign = |host: &'static str| {
            is_foreign(
                &HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]),
                &[],
            )
        };

        assert!(foreign("evil.example:9101"));
        assert!(!foreign("localhost:9101"));
        assert!(!foreign("127.0.0.1:9101"));
    }
}
