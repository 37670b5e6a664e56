//! Reads the parameters of a request. No I/O.

use std::time::Duration;

use executions::FinalParameters;
use model::Object;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, USER_AGENT};
use reqwest::{Method, Url};
use serde_json::Value;

use super::clients::{Connection, HostError, Hosts};
use super::headers::{self, HeaderError};
use super::literal;

/// Seconds to wait unless the action says otherwise.
const DEFAULT_TIMEOUT: f64 = 60.0;
/// What tells the parts of an upload apart.
const BOUNDARY: &str = "petrel-b7d2c1f0a94e4c3f";

/// A request, ready to be sent.
#[derive(Debug)]
pub(super) struct HttpRequest {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) credentials: Option<(String, String)>,
    pub(super) body: Body,
    pub(super) timeout: Duration,
    pub(super) connection: Connection,
}

/// What is sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    None,
    Bytes(Vec<u8>),
    Form(Vec<(String, String)>),
}

/// Why the parameters are no request.
#[derive(Debug, thiserror::Error)]
pub(super) enum RequestError {
    #[error("URL must be specified.")]
    NoUrl,
    #[error("`{0}` is no URL: {1}")]
    Url(String, String),
    #[error("`{0}` is no HTTP method")]
    Method(String),
    #[error(
        "\"url_hosts_blacklist\" and \"url_hosts_whitelist\" parameters are mutually exclusive. Only one should be provided."
    )]
    BothLists,
    #[error("Request body ({0}) can't be parsed as JSON")]
    NotJson(String),
    #[error("`auth` cannot be used: give `username` and `password`, or a header")]
    Auth,
    #[error("`body` and `file_content` cannot be sent together")]
    BodyAndFile,
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Header(#[from] HeaderError),
}

/// Reads a request of the action called `action`.
pub(super) fn read(
    parameters: &FinalParameters,
    action: &str,
) -> Result<HttpRequest, RequestError> {
    let (runner, own) = (&parameters.runner, &parameters.action);
    let connection = connection(runner)?;
    let url = url(runner, own)?;
    connection.hosts.check(&url)?;
    if text(own, "auth").is_some_and(|auth| !auth.is_empty()) {
        return Err(RequestError::Auth);
    }
    let mut headers = request_headers(runner, action)?;
    let body = body(own, &mut headers)?;
    Ok(HttpRequest {
        method: method(own, &body)?,
        url,
        headers,
        credentials: credentials(runner),
        body,
        timeout: timeout(own),
        connection,
    })
}

fn connection(runner: &Object) -> Result<Connection, RequestError> {
    let hosts = match (
        list(runner, "url_hosts_blacklist"),
        list(runner, "url_hosts_whitelist"),
    ) {
        (Some(_), Some(_)) => return Err(RequestError::BothLists),
        (Some(hosts), None) => Hosts::AllBut(hosts),
        (None, Some(hosts)) => Hosts::Only(hosts),
        (None, None) => Hosts::Any,
    };
    let proxy = |name| text(runner, name).filter(|proxy| !proxy.is_empty());
    Ok(Connection {
        // st2's runner type has true for its default; where the parameter is null, be as strict.
        verify: runner.get("verify_ssl_cert") != Some(&Value::Bool(false)),
        http_proxy: proxy("http_proxy"),
        https_proxy: proxy("https_proxy"),
        follow: runner.get("allow_redirects") == Some(&Value::Bool(true)),
        hosts,
    })
}

fn url(runner: &Object, own: &Object) -> Result<Url, RequestError> {
    let given = text(runner, "url").ok_or(RequestError::NoUrl)?;
    let mut url =
        Url::parse(&given).map_err(|error| RequestError::Url(given.clone(), error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(RequestError::Url(
            given,
            "it must begin with http:// or https://".to_owned(),
        ));
    }
    if let Some(Value::Object(params)) = own
        .get("params")
        .filter(|params| params.as_object().is_some_and(|p| !p.is_empty()))
    {
        url.query_pairs_mut().extend_pairs(fields(params));
    }
    Ok(url)
}

/// Fields of a query or form as Python's `requests` writes them: lists repeat their name, null is left out.
fn fields(object: &Object) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for (name, value) in object {
        match value {
            Value::Null => {}
            Value::Array(items) => fields.extend(
                items
                    .iter()
                    .map(|item| (name.clone(), expr::python::str(item))),
            ),
            value => fields.push((name.clone(), expr::python::str(value))),
        }
    }
    fields
}

fn request_headers(runner: &Object, action: &str) -> Result<HeaderMap, RequestError> {
    let mut headers = HeaderMap::new();
    headers::set(&mut headers, "Accept", "*/*")?;
    headers::set(&mut headers, "X-Stanley-Action", action)?;
    headers::set(
        &mut headers,
        USER_AGENT.as_str(),
        concat!("petrel/", env!("CARGO_PKG_VERSION")),
    )?;
    if let Some(Value::Object(own)) = runner.get("headers") {
        for (name, value) in own.iter().filter(|(_, value)| !value.is_null()) {
            headers::set(&mut headers, name, &expr::python::str(value))?;
        }
    }
    // The body's true length is sent.
    headers.remove(CONTENT_LENGTH);
    if let Some(Value::Object(cookies)) = runner.get("cookies") {
        let cookies: Vec<String> = fields(cookies)
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            headers::set(&mut headers, COOKIE.as_str(), &cookies.join("; "))?;
        }
    }
    Ok(headers)
}

fn body(own: &Object, headers: &mut HeaderMap) -> Result<Body, RequestError> {
    let body = own
        .get("body")
        .filter(|body| !body.is_null() && body.as_str() != Some(""));
    if let Some(upload) = upload(own, headers)? {
        return if body.is_some() {
            Err(RequestError::BodyAndFile)
        } else {
            Ok(upload)
        };
    }
    let Some(body) = body else {
        return Ok(Body::None);
    };
    if headers
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == "application/json")
    {
        return Ok(Body::Bytes(json_body(body)?.to_string().into_bytes()));
    }
    Ok(match body {
        Value::Object(form) => Body::Form(fields(form)),
        other => Body::Bytes(expr::python::str(other).into_bytes()),
    })
}

/// A JSON body may be given as an object, as JSON, or as what Python prints of an object.
fn json_body(body: &Value) -> Result<Value, RequestError> {
    let Value::String(text) = body else {
        return Ok(body.clone());
    };
    let json = serde_json::from_str(text)
        .ok()
        .or_else(|| literal::read(text));
    json.ok_or_else(|| RequestError::NotJson(text.clone()))
}

/// A file, as a form of one part.
fn upload(own: &Object, headers: &mut HeaderMap) -> Result<Option<Body>, RequestError> {
    let given = |name| text(own, name).filter(|text| !text.is_empty());
    let (Some(name), Some(content)) = (given("file_name"), given("file_content")) else {
        return Ok(None);
    };
    let name = name.replace(['"', '\r', '\n'], "_");
    let kind = given("file_content_type")
        .map(|kind| format!("Content-Type: {}\r\n", kind.replace(['\r', '\n'], " ")))
        .unwrap_or_default();
    let part = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n{kind}\r\n{content}\r\n--{BOUNDARY}--\r\n"
    );
    headers::set(
        headers,
        CONTENT_TYPE.as_str(),
        &format!("multipart/form-data; boundary={BOUNDARY}"),
    )?;
    Ok(Some(Body::Bytes(part.into_bytes())))
}

fn method(own: &Object, body: &Body) -> Result<Method, RequestError> {
    match text(own, "method").filter(|method| !method.is_empty()) {
        Some(method) => method
            .to_uppercase()
            .parse()
            .map_err(|_| RequestError::Method(method)),
        None if *body == Body::None => Ok(Method::GET),
        None => Ok(Method::POST),
    }
}

fn credentials(runner: &Object) -> Option<(String, String)> {
    let given = |name| text(runner, name).filter(|text| !text.is_empty());
    let (user, password) = (given("username"), given("password"));
    (user.is_some() || password.is_some())
        .then(|| (user.unwrap_or_default(), password.unwrap_or_default()))
}

fn timeout(own: &Object) -> Duration {
    let seconds = own
        .get("timeout")
        .and_then(Value::as_f64)
        .unwrap_or(DEFAULT_TIMEOUT);
    Duration::try_from_secs_f64(seconds.max(0.0))
        .unwrap_or(Duration::from_secs(u64::from(u32::MAX)))
}

fn text(object: &Object, name: &str) -> Option<String> {
    object
        .get(name)
        .filter(|value| !value.is_null())
        .map(expr::python::str)
}

/// A list that is not empty.
fn list(object: &Object, name: &str) -> Option<Vec<String>> {
    let items = object.get(name)?.as_array()?;
    (!items.is_empty()).then(|| items.iter().map(expr::python::str).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(runner: Value, own: Value) -> Result<HttpRequest, String> {
        let (Value::Object(runner), Value::Object(action)) = (runner, own) else {
            panic!("objects are wanted")
        };
        read(&FinalParameters { runner, action }, "http").map_err(|error| error.to_string())
    }

    #[test]
    fn gets_without_a_body_and_posts_with_one() {
        let url = json!({ "url": "http://h/x" });

        assert_eq!(request(url.clone(), json!({})).unwrap().method, Method::GET);
        assert_eq!(
            request(url.clone(), json!({ "body": "b" })).unwrap().method,
            Method::POST
        );
        assert_eq!(
            request(url, json!({ "body": "b", "method": "PUT" }))
                .unwrap()
                .method,
            Method::PUT
        );
    }

    #[test]
    fn adds_query_parameters_as_requests_does() {
        let params = json!({ "params": { "a": [1, 2], "b": true, "c": null, "d": "x y" } });

        let request = request(json!({ "url": "http://h/x?q=1" }), params).unwrap();

        assert_eq!(request.url.as_str(), "http://h/x?q=1&a=1&a=2&b=True&d=x+y");
    }

    #[test]
    fn sends_json_whichever_way_it_was_given() {
        let runner =
            json!({ "url": "http://h", "headers": { "content-type": "application/json" } });
        for body in [
            json!({ "a": true }),
            json!("{\"a\": true}"),
            json!("{'a': True}"),
        ] {
            let request = request(runner.clone(), json!({ "body": body })).unwrap();

            assert_eq!(request.body, Body::Bytes(b"{\"a\":true}".to_vec()));
        }
        assert_eq!(
            request(runner, json!({ "body": "{nothing" })).unwrap_err(),
            "Request body ({nothing) can't be parsed as JSON"
        );
    }

    #[test]
    fn sends_an_object_as_a_form_and_a_text_as_it_is() {
        let url = json!({ "url": "http://h" });

        let form = request(url.clone(), json!({ "body": { "a": 1 } })).unwrap();
        assert_eq!(form.body, Body::Form(vec![("a".into(), "1".into())]));
        let text = request(url, json!({ "body": "a=1" })).unwrap();
        assert_eq!(text.body, Body::Bytes(b"a=1".to_vec()));
    }

    #[test]
    fn uploads_a_file() {
        let own = json!({ "file_name": "a.txt", "file_content": "hello", "file_content_type": "text/plain" });

        let Body::Bytes(body) = request(json!({ "url": "http://h" }), own).unwrap().body else {
            panic!("bytes")
        };

        let body = String::from_utf8(body).unwrap();
        assert!(body.contains(
            "name=\"a.txt\"; filename=\"a.txt\"\r\nContent-Type: text/plain\r\n\r\nhello\r\n--"
        ));
    }

    #[test]
    fn refuses_a_host_that_is_not_allowed() {
        let runner = json!({ "url": "http://127.0.0.1:80/", "url_hosts_blacklist": ["127.0.0.1"] });
        assert_eq!(
            request(runner, json!({})).unwrap_err(),
            "URL \"http://127.0.0.1/\" is blacklisted"
        );

        let runner = json!({ "url": "http://h/", "url_hosts_blacklist": ["a"], "url_hosts_whitelist": ["h"] });
        assert!(
            request(runner, json!({}))
                .unwrap_err()
                .contains("mutually exclusive")
        );
    }

    #[test]
    fn says_what_is_no_url() {
        assert_eq!(
            request(json!({}), json!({})).unwrap_err(),
            "URL must be specified."
        );
        assert_eq!(
            request(json!({ "url": "example.com/x" }), json!({})).unwrap_err(),
            "`example.com/x` is no URL: relative URL without a base"
        );
    }

    #[test]
    fn takes_credentials_and_cookies() {
        let runner = json!({ "url": "http://h", "username": "u", "password": "p", "cookies": { "a": "1", "b": "2" } });

        let request = request(runner, json!({})).unwrap();

        assert_eq!(request.credentials, Some(("u".into(), "p".into())));
        assert_eq!(request.headers["cookie"], "a=1; b=2");
    }
}
