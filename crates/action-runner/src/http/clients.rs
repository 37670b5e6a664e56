//! HTTP clients, one for each way to connect.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, Url};

/// At most so many ways to connect are remembered.
const REMEMBERED: usize = 64;
/// As many redirects as Python's `requests` follows.
const REDIRECTS: usize = 30;

/// How to connect.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Connection {
    /// Whether the server's certificate must be right.
    pub(crate) verify: bool,
    /// Proxy for `http:` URLs.
    pub(crate) http_proxy: Option<String>,
    /// Proxy for `https:` URLs.
    pub(crate) https_proxy: Option<String>,
    /// Whether redirects are followed.
    pub(crate) follow: bool,
    /// Where requests may go, redirected ones too.
    pub(crate) hosts: Hosts,
}

/// Which hosts requests may go to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) enum Hosts {
    /// Any.
    #[default]
    Any,
    /// Any but these.
    AllBut(Vec<String>),
    /// These.
    Only(Vec<String>),
}

/// A URL that leads to a host that is not allowed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HostError {
    #[error("URL \"{0}\" is blacklisted")]
    Blacklisted(Url),
    #[error("URL \"{0}\" is not whitelisted")]
    NotWhitelisted(Url),
}

impl Hosts {
    pub(crate) fn check(&self, url: &Url) -> Result<(), HostError> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let is_in = |hosts: &[String]| {
            hosts
                .iter()
                .any(|one| one.trim_matches(['[', ']']).eq_ignore_ascii_case(host))
        };
        match self {
            Self::AllBut(hosts) if is_in(hosts) => Err(HostError::Blacklisted(url.clone())),
            Self::Only(hosts) if !is_in(hosts) => Err(HostError::NotWhitelisted(url.clone())),
            Self::Any | Self::AllBut(_) | Self::Only(_) => Ok(()),
        }
    }
}

/// The clients made so far. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpClients(Arc<Mutex<HashMap<Connection, Client>>>);

impl HttpClients {
    /// A client that connects so.
    pub(crate) fn client(&self, connection: &Connection) -> Result<Client, reqwest::Error> {
        if let Some(client) = self.0.lock().get(connection) {
            return Ok(client.clone());
        }
        let client = make(connection)?;
        let mut known = self.0.lock();
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(connection.clone(), client.clone());
        Ok(client)
    }
}

fn make(connection: &Connection) -> Result<Client, reqwest::Error> {
    // HTTP/1 only, as Python's `requests`: what packs were tried with.
    let mut builder = Client::builder()
        .http1_only()
        .redirect(redirects(connection));
    if !connection.verify {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if let Some(proxy) = &connection.http_proxy {
        builder = builder.proxy(Proxy::http(proxy)?);
    }
    if let Some(proxy) = &connection.https_proxy {
        builder = builder.proxy(Proxy::https(proxy)?);
    }
    builder.build()
}

fn redirects(connection: &Connection) -> Policy {
    if !connection.follow {
        return Policy::none();
    }
    let hosts = connection.hosts.clone();
    Policy::custom(move |attempt| match hosts.check(attempt.url()) {
        Err(error) => attempt.error(error),
        Ok(()) if attempt.previous().len() > REDIRECTS => attempt.error("Exceeded 30 redirects."),
        Ok(()) => attempt.follow(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(hosts: &Hosts, url: &str) -> Result<(), String> {
        hosts
            .check(&url.parse().unwrap())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn compares_hosts_without_port_brackets_and_case() {
        let hosts = Hosts::AllBut(vec!["127.0.0.1".into(), "::1".into(), "Example.com".into()]);

        assert!(check(&hosts, "http://127.0.0.1:8000/x").is_err());
        assert!(check(&hosts, "http://[::1]:8000/").is_err());
        assert!(check(&hosts, "https://user:pw@EXAMPLE.com/").is_err());
        assert_eq!(check(&hosts, "http://example.org/"), Ok(()));
    }

    #[test]
    fn lets_nothing_through_that_a_whitelist_does_not_name() {
        let hosts = Hosts::Only(vec!["example.com".into()]);

        assert_eq!(check(&hosts, "http://example.com:81/"), Ok(()));
        assert_eq!(
            check(&hosts, "http://example.org/"),
            Err("URL \"http://example.org/\" is not whitelisted".to_owned())
        );
    }
}
