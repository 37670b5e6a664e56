//! Where the server is, and who is asking: from the environment.

use super::usage::UsageError;

/// Where a server listens unless said otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:9101";

/// What proves who is asking.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Credential {
    /// A token of `/auth/tokens`.
    Token(String),
    /// An API key.
    ApiKey(String),
}

impl Credential {
    /// The header it travels in, as StackStorm names it.
    pub(crate) fn header(&self) -> (&'static str, &str) {
        match self {
            Self::Token(token) => ("X-Auth-Token", token),
            Self::ApiKey(key) => ("St2-Api-Key", key),
        }
    }
}

/// A server.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// What API paths (`/v1/...`) are appended to.
    pub(crate) api: String,
    /// What stream paths (`/v1/stream`, ...) are appended to.
    pub(crate) stream: String,
    pub(crate) credential: Option<Credential>,
}

impl Endpoint {
    /// `PETREL_URL`, `PETREL_TOKEN` and `PETREL_API_KEY`, or what StackStorm's client reads: `ST2_API_URL`,
    /// `ST2_STREAM_URL`, `ST2_BASE_URL`, `ST2_AUTH_TOKEN`, `ST2_API_KEY`.
    pub(crate) fn from_environment() -> Result<Self, UsageError> {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, UsageError> {
        let set = |name: &str| {
            variable(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        let (api, stream) = match (set("PETREL_URL"), set("ST2_API_URL"), set("ST2_BASE_URL")) {
            (Some(url), _, _) => split(&checked("PETREL_URL", &url)?),
            (None, Some(url), _) => split(&checked("ST2_API_URL", &url)?),
            (None, None, Some(base)) => {
                let base = checked("ST2_BASE_URL", &base)?;
                (format!("{base}:9101"), format!("{base}:9102"))
            }
            (None, None, None) => split(DEFAULT_URL),
        };
        let stream = match set("ST2_STREAM_URL") {
            Some(url) if set("PETREL_URL").is_none() => {
                without_version(&checked("ST2_STREAM_URL", &url)?).to_owned()
            }
            _ => stream,
        };
        Ok(Self {
            api,
            stream,
            credential: credential(set),
        })
    }
}

/// The credential that is set: ours before StackStorm's, tokens before keys.
fn credential(set: impl Fn(&str) -> Option<String>) -> Option<Credential> {
    let token = |name| set(name).map(Credential::Token);
    let key = |name| set(name).map(Credential::ApiKey);
    token("PETREL_TOKEN")
        .or_else(|| key("PETREL_API_KEY"))
        .or_else(|| token("ST2_AUTH_TOKEN"))
        .or_else(|| key("ST2_API_KEY"))
}

/// The URL without its last slashes.
fn checked(variable: &str, url: &str) -> Result<String, UsageError> {
    if url.starts_with("http://") || url.starts_with("https://") {
        return Ok(url.trim_end_matches('/').to_owned());
    }
    Err(UsageError::new(format!(
        "{variable} is `{url}`: write a URL such as {DEFAULT_URL}"
    )))
}

/// The API's and the stream's parts of a URL: `/api` and `/stream` behind a proxy, the root and `/stream` at the server.
fn split(url: &str) -> (String, String) {
    let url = without_version(url);
    let root = url.strip_suffix("/api").unwrap_or(url);
    (url.to_owned(), format!("{root}/stream"))
}

fn without_version(url: &str) -> &str {
    url.strip_suffix("/v1").unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(variables: &[(&str, &str)]) -> Result<Endpoint, UsageError> {
        Endpoint::from_variables(|name| {
            variables
                .iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn goes_to_the_local_server_when_nothing_is_set() {
        let endpoint = endpoint(&[]).unwrap();

        assert_eq!(endpoint.api, "http://127.0.0.1:9101");
        assert_eq!(endpoint.stream, "http://127.0.0.1:9101/stream");
        assert!(endpoint.credential.is_none());
    }

    #[test]
    fn prefers_its_own_variables_to_those_of_stackstorm() {
        let endpoint = endpoint(&[
            ("PETREL_URL", "https://petrel.example/api/"),
            ("ST2_API_URL", "https://st2.example/api"),
            ("ST2_STREAM_URL", "https://st2.example/stream"),
            ("PETREL_API_KEY", "ours"),
            ("ST2_AUTH_TOKEN", "theirs"),
        ])
        .unwrap();

        assert_eq!(endpoint.api, "https://petrel.example/api");
        assert_eq!(endpoint.stream, "https://petrel.example/stream");
        assert_eq!(
            endpoint.credential.unwrap().header(),
            ("St2-Api-Key", "ours")
        );
    }

    #[test]
    fn understands_the_variables_of_stackstorm() {
        let by_api = endpoint(&[
            ("ST2_API_URL", "http://host:9101/v1"),
            ("ST2_AUTH_TOKEN", "t"),
        ])
        .unwrap();
        let by_base = endpoint(&[("ST2_BASE_URL", "http://host/")]).unwrap();

        assert_eq!(by_api.api, "http://host:9101");
        assert_eq!(by_api.credential.unwrap().header(), ("X-Auth-Token", "t"));
        assert_eq!(
            (by_base.api.as_str(), by_base.stream.as_str()),
            ("http://host:9101", "http://host:9102")
        );
    }

    #[test]
    fn refuses_what_is_no_url() {
        let error = endpoint(&[("PETREL_URL", "localhost:9101")]).err().unwrap();

        assert_eq!(
            error.to_string(),
            "PETREL_URL is `localhost:9101`: write a URL such as http://127.0.0.1:9101"
        );
    }
}
