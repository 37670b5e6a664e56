//! Paths as StackStorm's proxy maps them: `/api/v1/...`, `/auth/v1/...`, `/stream/v1/...`; one trailing slash is
//! accepted everywhere.

use axum::extract::Request;
use http::Uri;
use http::uri::PathAndQuery;

/// Marks a request that came by the path of the stream service.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ToStream;

/// Rewrites a request's path to the one that the router knows.
pub(crate) fn unmap(mut request: Request) -> Request {
    let path = request.uri().path();
    let (rest, is_stream) = without_prefix(path);
    let rest = without_slash(rest);
    if rest.len() != path.len() {
        *request.uri_mut() = with_path(request.uri(), rest);
    }
    if is_stream {
        request.extensions_mut().insert(ToStream);
    }
    request
}

fn without_prefix(path: &str) -> (&str, bool) {
    for prefix in ["/api", "/auth", "/stream"] {
        if let Some(rest) = path.strip_prefix(prefix)
            && rest.starts_with('/')
        {
            return (rest, prefix == "/stream");
        }
    }
    (path, false)
}

fn without_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some(rest) if !rest.is_empty() && !rest.ends_with('/') => rest,
        _ => path,
    }
}

fn with_path(uri: &Uri, path: &str) -> Uri {
    let text = uri
        .query()
        .map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    let Ok(rewritten) = PathAndQuery::try_from(text) else {
        return uri.clone();
    };
    parts.path_and_query = Some(rewritten);
    Uri::from_parts(parts).unwrap_or_else(|_| uri.clone())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn unmapped(uri: &str) -> String {
        unmap(Request::builder().uri(uri).body(Body::empty()).unwrap())
            .uri()
            .to_string()
    }

    #[test]
    fn prefixes_of_the_proxy_are_taken_away() {
        assert_eq!(unmapped("/api/v1/actions?limit=1"), "/v1/actions?limit=1");
        assert_eq!(unmapped("/auth/tokens"), "/tokens");
        assert_eq!(unmapped("/stream/v1/stream"), "/v1/stream");
        assert_eq!(unmapped("/apiary/v1"), "/apiary/v1");
    }

    #[test]
    fn one_trailing_slash_is_accepted_and_two_are_not() {
        assert_eq!(unmapped("/v1/actions/?limit=1"), "/v1/actions?limit=1");
        assert_eq!(unmapped("/v1/actions//"), "/v1/actions//");
        assert_eq!(unmapped("/v1//actions"), "/v1//actions");
        assert_eq!(unmapped("/"), "/");
    }

    #[test]
    fn a_request_to_the_stream_service_is_marked() {
        let request = |uri: &str| unmap(Request::builder().uri(uri).body(Body::empty()).unwrap());

        assert!(
            request("/stream/v1/stream")
                .extensions()
                .get::<ToStream>()
                .is_some()
        );
        assert!(
            request("/v1/stream")
                .extensions()
                .get::<ToStream>()
                .is_none()
        );
    }
}
