//! Requests to the server, and what its refusals mean.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;

use super::endpoint::Endpoint;
use super::usage::UsageError;

/// How long one answer may take; streams are not bounded.
const PATIENCE: Duration = Duration::from_mins(1);
/// The longest page a server gives by default.
const PAGE: usize = 100;
/// What servers say about paths that they do not know at all.
const NO_SUCH_PATH: &str = "The resource could not be found.";
/// What a path segment keeps as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b':');

/// Why a request did not give what was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ClientError {
    /// Nobody listens there.
    #[error("no server answers at {url}: start one with `petrel up`, or set PETREL_URL")]
    NoServer { url: String },
    /// Somebody listens, but the answer did not come, or not whole.
    #[error("the server at {url} did not answer: {reason}")]
    Broken { url: String, reason: String },
    /// The server said no; the text is its own.
    #[error("{message}{}", hint(*status))]
    Refused { status: StatusCode, message: String },
    /// The server answered something that is no JSON.
    #[error(
        "{url} answered something that is not JSON: is it a Petrel server? (PETREL_URL names it)"
    )]
    NotJson { url: String },
    /// The environment names no usable server.
    #[error(transparent)]
    Usage(#[from] UsageError),
}

impl ClientError {
    /// Whether the server said that there is no such thing.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
    }
}

/// What to do about a refusal, where that is not plain from its text.
fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => ": set PETREL_TOKEN or PETREL_API_KEY",
        _ => "",
    }
}

/// Query parameters.
pub(crate) type Query = Vec<(&'static str, String)>;

/// Adds a parameter if it has a value.
pub(crate) fn add<T: ToString>(query: &mut Query, name: &'static str, value: Option<T>) {
    query.extend(value.map(|value| (name, value.to_string())));
}

/// A part of a path, so that no name can leave its place in it.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

/// Items of a listing, and how many the server has in all, if it said so.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Listed {
    pub(crate) items: Vec<Value>,
    pub(crate) total: Option<u64>,
}

/// A connection to one server.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    endpoint: Endpoint,
}

impl Client {
    /// A client of the server that the environment names.
    pub(crate) fn from_environment() -> Result<Self, ClientError> {
        Self::new(Endpoint::from_environment()?)
    }

    pub(crate) fn new(endpoint: Endpoint) -> Result<Self, ClientError> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("petrel/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(Duration::from_secs(10));
        if is_loopback(&endpoint.api) {
            builder = builder.no_proxy();
        }
        let http = builder.build().map_err(|error| ClientError::Broken {
            url: endpoint.api.clone(),
            reason: causes(&error),
        })?;
        Ok(Self { http, endpoint })
    }

    pub(crate) async fn get(&self, path: &str, query: &Query) -> Result<Value, ClientError> {
        let response = self.send(self.api(Method::GET, path).query(query)).await?;
        self.json(response).await
    }

    /// Like [`Self::get`], for things that may have gone or may not be there: `None` if there is no such thing.
    pub(crate) async fn find(
        &self,
        path: &str,
        query: &Query,
    ) -> Result<Option<Value>, ClientError> {
        match self.get(path, query).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let response = self.send(self.api(Method::POST, path).json(body)).await?;
        self.json(response).await
    }

    /// Posts bytes, however long the server takes to look at them.
    pub(crate) async fn upload(
        &self,
        path: &str,
        query: &Query,
        body: Vec<u8>,
    ) -> Result<Value, ClientError> {
        let request = self.api(Method::POST, path).query(query).body(body);
        let response = self.deliver(request).await?;
        self.json(response).await
    }

    /// Posts with one more header.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        header: (&'static str, &str),
        body: &Value,
    ) -> Result<Value, ClientError> {
        let response = self
            .send(
                self.api(Method::POST, path)
                    .header(header.0, header.1)
                    .json(body),
            )
            .await?;
        self.json(response).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        let response = self.send(self.api(Method::PUT, path).json(body)).await?;
        self.json(response).await
    }

    /// Deletes; the answer is null where the server has nothing to say.
    pub(crate) async fn delete(&self, path: &str, query: &Query) -> Result<Value, ClientError> {
        let response = self
            .send(self.api(Method::DELETE, path).query(query))
            .await?;
        self.json(response).await
    }

    /// Up to `wanted` items of a listing (all without), walking its pages.
    pub(crate) async fn list(
        &self,
        path: &str,
        query: &Query,
        wanted: Option<usize>,
    ) -> Result<Listed, ClientError> {
        let mut items = Vec::new();
        loop {
            let limit = wanted.map_or(PAGE, |wanted| PAGE.min(wanted - items.len()));
            let mut page_query = query.clone();
            page_query.push(("limit", limit.to_string()));
            if !items.is_empty() {
                page_query.push(("offset", items.len().to_string()));
            }
            let response = self
                .send(self.api(Method::GET, path).query(&page_query))
                .await?;
            let total = total_of(&response);
            let page = self.items(response).await?;
            let is_last = page.len() != limit;
            items.extend(page);
            let is_enough = wanted.is_some_and(|wanted| items.len() >= wanted)
                || total.is_some_and(|total| items.len() as u64 >= total);
            if is_last || is_enough {
                items.truncate(wanted.unwrap_or(usize::MAX));
                return Ok(Listed { items, total });
            }
        }
    }

    /// Opens a stream of the stream service; `None` if this server has none there.
    pub(crate) async fn stream(
        &self,
        path: &str,
        query: &Query,
    ) -> Result<Option<Response>, ClientError> {
        let url = format!("{}{path}", self.endpoint.stream);
        let request = self
            .http
            .get(url)
            .header("Accept", "text/event-stream")
            .query(query);
        match self.deliver(request).await {
            Ok(response) => Ok(Some(response)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(ClientError::NoServer { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Opens an answer of the API that may take as long as it likes.
    pub(crate) async fn open(&self, path: &str, query: &Query) -> Result<Response, ClientError> {
        self.deliver(self.api(Method::GET, path).query(query)).await
    }

    fn api(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.endpoint.api))
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        self.deliver(request.timeout(PATIENCE)).await
    }

    async fn deliver(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let request = match &self.endpoint.credential {
            Some(credential) => request.header(credential.header().0, credential.header().1),
            None => request,
        };
        let response = request.send().await.map_err(|error| self.broken(&error))?;
        let status = response.status();
        if status.is_success() {
            for text in &warnings(&response) {
                warn(text);
            }
            return Ok(response);
        }
        let url = response.url().to_string();
        let body = response
            .bytes()
            .await
            .map_err(|error| self.broken(&error))?;
        Err(ClientError::Refused {
            status,
            message: faultstring(&body, status, &url),
        })
    }

    async fn json(&self, response: Response) -> Result<Value, ClientError> {
        let url = response.url().to_string();
        let body = response
            .bytes()
            .await
            .map_err(|error| self.broken(&error))?;
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|_| ClientError::NotJson { url })
    }

    async fn items(&self, response: Response) -> Result<Vec<Value>, ClientError> {
        let url = response.url().to_string();
        match self.json(response).await? {
            Value::Array(items) => Ok(items),
            _ => Err(ClientError::NotJson { url }),
        }
    }

    fn broken(&self, error: &reqwest::Error) -> ClientError {
        let url = self.endpoint.api.clone();
        if error.is_connect() {
            return ClientError::NoServer { url };
        }
        let reason = if error.is_timeout() {
            format!("waited for {} s", PATIENCE.as_secs())
        } else {
            causes(error)
        };
        ClientError::Broken { url, reason }
    }
}

/// The JSON text of one thing.
pub(crate) async fn get_text(client: &Client, path: &str, id: &str) -> Result<String, ClientError> {
    let value = client
        .get(&format!("{path}/{}", segment(id)), &Query::new())
        .await?;
    Ok(format!("{value:#}"))
}

/// An error and its causes in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        // Writing to a string cannot fail.
        write!(text, ": {cause}").expect("a string takes every text");
        next = cause.source();
    }
    text
}

/// What the server finds odd about what it was sent.
fn warnings(response: &Response) -> Vec<String> {
    let values = response.headers().get_all("Petrel-Warning").into_iter();
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

/// Tells the user, beside the output.
fn warn(text: &str) {
    // Where nobody listens there is nobody to tell.
    let _closed = writeln!(std::io::stderr(), "warning: {text}");
}

fn total_of(response: &Response) -> Option<u64> {
    response
        .headers()
        .get("X-Total-Count")?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// The server's own words, or else its status.
fn faultstring(body: &[u8], status: StatusCode, url: &str) -> String {
    let value: Option<Value> = serde_json::from_slice(body).ok();
    match value
        .as_ref()
        .and_then(|value| value.get("faultstring"))
        .and_then(Value::as_str)
    {
        Some(NO_SUCH_PATH) => format!("{url} is nothing that this server knows"),
        Some(text) if !text.is_empty() => text.to_owned(),
        _ => format!("{url} answered {status}"),
    }
}

fn is_loopback(url: &str) -> bool {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest);
    ["127.", "localhost", "[::1]"]
        .iter()
        .any(|prefix| host.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use axum::Router;
    use axum::extract::Query as Parameters;
    use axum::http::HeaderMap;
    use axum::routing::{delete, get};
    use serde_json::json;

    use super::*;
    use crate::client::test_server::{client_at, client_of};

    /// A listing of 250 numbers, at most 100 at once.
    async fn numbers(
        Parameters(query): Parameters<HashMap<String, usize>>,
    ) -> ([(&'static str, &'static str); 1], axum::Json<Value>) {
        let offset = query.get("offset").copied().unwrap_or(0);
        let end = 250.min(offset + query["limit"].min(100));
        let page: Vec<usize> = (offset..end).collect();
        ([("X-Total-Count", "250")], axum::Json(json!(page)))
    }

    #[tokio::test]
    async fn walks_the_pages_of_a_listing() {
        let client = client_of(Router::new().route("/v1/numbers", get(numbers))).await;

        let some = client
            .list("/v1/numbers", &vec![], Some(150))
            .await
            .unwrap();
        let all = client.list("/v1/numbers", &vec![], None).await.unwrap();

        assert_eq!((some.items.len(), some.total), (150, Some(250)));
        assert_eq!(some.items.last(), Some(&json!(149)));
        assert_eq!(all.items, (0..250).map(Value::from).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn shows_the_words_of_the_server_when_it_refuses() {
        let refuse = || async {
            (
                axum::http::StatusCode::NOT_FOUND,
                axum::Json(json!({ "faultstring": "no rule \"a.b\"" })),
            )
        };
        let client = client_of(Router::new().route("/v1/rules/a.b", get(refuse))).await;

        let error = client.get("/v1/rules/a.b", &vec![]).await.unwrap_err();

        assert_eq!(error.to_string(), "no rule \"a.b\"");
        assert!(error.is_not_found());
        assert_eq!(client.find("/v1/rules/a.b", &vec![]).await.unwrap(), None);
    }

    #[tokio::test]
    async fn names_the_address_that_a_server_does_not_know() {
        let fallback = || async {
            (
                axum::http::StatusCode::NOT_FOUND,
                axum::Json(json!({ "faultstring": NO_SUCH_PATH })),
            )
        };
        let client = client_of(Router::new().fallback(fallback)).await;

        let error = client
            .get("/v1/timers", &vec![])
            .await
            .unwrap_err()
            .to_string();

        assert!(error.starts_with("http://127.0.0.1:"), "{error}");
        assert!(
            error.ends_with("/v1/timers is nothing that this server knows"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn says_how_to_start_a_server_where_none_answers() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let api = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let client = client_at(&api);

        let error = client.get("/v1/rules", &vec![]).await.unwrap_err();

        assert_eq!(
            error.to_string(),
            format!("no server answers at {api}: start one with `petrel up`, or set PETREL_URL")
        );
    }

    #[tokio::test]
    async fn sends_the_token_and_says_how_to_set_one() {
        let whoami = |headers: HeaderMap| async move {
            let token = headers
                .get("X-Auth-Token")
                .map(|token| token.to_str().unwrap().to_owned());
            (
                axum::http::StatusCode::UNAUTHORIZED,
                axum::Json(json!({ "faultstring": token })),
            )
        };
        let client = client_of(Router::new().route("/v1/me", get(whoami))).await;

        let error = client.get("/v1/me", &vec![]).await.unwrap_err();

        assert_eq!(
            error.to_string(),
            "secret: set PETREL_TOKEN or PETREL_API_KEY"
        );
    }

    #[tokio::test]
    async fn takes_an_empty_answer_for_null_and_a_page_for_no_json() {
        let router = Router::new()
            .route(
                "/v1/keys/a",
                delete(|| async { axum::http::StatusCode::NO_CONTENT }),
            )
            .route("/v1/page", get(|| async { "<html>" }));
        let client = client_of(router).await;

        assert_eq!(
            client.delete("/v1/keys/a", &vec![]).await.unwrap(),
            Value::Null
        );
        assert!(matches!(
            client.get("/v1/page", &vec![]).await,
            Err(ClientError::NotJson { .. })
        ));
    }

    #[test]
    fn keeps_names_within_their_segment_of_a_path() {
        assert_eq!(segment("core.st2.webhook"), "core.st2.webhook");
        assert_eq!(segment("a/../b c?"), "a%2F..%2Fb%20c%3F");
    }
}
