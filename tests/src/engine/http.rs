//! Plain HTTP, as any client speaks it.

use std::sync::Once;
use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::Method;
use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value;

/// Speaks to one engine's API.
#[derive(Debug, Clone)]
pub struct Http {
    base: String,
    client: Client,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body, if it is JSON; else its text.
    pub body: Value,
    /// `X-Total-Count`, if given.
    pub total: Option<u64>,
}

impl Answer {
    /// The body, if the status is as expected.
    ///
    /// # Errors
    /// With the body, if it is not.
    pub fn expect(self, status: u16) -> Result<Value> {
        ensure!(
            self.status == status,
            "status {} instead of {status}: {}",
            self.status,
            self.body
        );
        Ok(self.body)
    }
}

impl Http {
    /// A client of the API at `base`.
    ///
    /// # Errors
    /// Where no client can be made.
    pub fn new(base: String) -> Result<Self> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            let _only_once = rustls::crypto::ring::default_provider().install_default();
        });
        let client = Client::builder().timeout(Duration::from_secs(30)).build()?;
        Ok(Self { base, client })
    }

    /// The address it speaks to.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// GET.
    ///
    /// # Errors
    /// Where no answer came.
    pub fn get(&self, path: &str) -> Result<Answer> {
        send(self.request(Method::GET, path))
    }

    /// POST of JSON.
    ///
    /// # Errors
    /// Where no answer came.
    pub fn post(&self, path: &str, body: &Value) -> Result<Answer> {
        send(self.request(Method::POST, path).json(body))
    }

    /// PUT of JSON.
    ///
    /// # Errors
    /// Where no answer came.
    pub fn put(&self, path: &str, body: &Value) -> Result<Answer> {
        send(self.request(Method::PUT, path).json(body))
    }

    /// DELETE.
    ///
    /// # Errors
    /// Where no answer came.
    pub fn delete(&self, path: &str) -> Result<Answer> {
        send(self.request(Method::DELETE, path))
    }

    /// POST of any bytes.
    ///
    /// # Errors
    /// Where no answer came.
    pub fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Result<Answer> {
        send(
            self.request(Method::POST, path)
                .header("Content-Type", content_type)
                .body(body),
        )
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }
}

fn send(request: RequestBuilder) -> Result<Answer> {
    let response = request.send()?;
    let status = response.status().as_u16();
    let total = response
        .headers()
        .get("x-total-count")
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let text = response.text()?;
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    Ok(Answer {
        status,
        body,
        total,
    })
}
