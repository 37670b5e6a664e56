//! Reads an answer into st2's shape: `status_code`, `body`, `parsed`, `headers`.

use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Value, json};

use super::headers;
use crate::run::chain;

/// Why an answer could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ResponseError {
    #[error("the answer (status {0}) broke off: {1}")]
    BrokeOff(u16, String),
    #[error(
        "the answer (status {0}) is longer than {1} bytes: fetch it with a shell action and keep it in a file"
    )]
    TooLong(u16, usize),
}

/// The result of an answer whose body has at most `limit` bytes.
pub(super) async fn read(mut answer: Response, limit: usize) -> Result<Value, ResponseError> {
    let status = answer.status().as_u16();
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(None) => break,
            Ok(Some(chunk)) if bytes.len() + chunk.len() > limit => {
                return Err(ResponseError::TooLong(status, limit));
            }
            Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
            Err(error) => return Err(ResponseError::BrokeOff(status, chain(&error))),
        }
    }
    Ok(result(status, answer.headers(), bytes))
}

fn result(status: u16, headers: &HeaderMap, bytes: Vec<u8>) -> Value {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let text = decode(bytes, kind);
    let is_json = kind.split(';').next() == Some("application/json");
    let parsed: Option<Value> = if is_json {
        serde_json::from_str(&text).ok()
    } else {
        None
    };
    json!({
        "status_code": status,
        "parsed": parsed.is_some(),
        "body": parsed.unwrap_or(Value::String(text)),
        "headers": headers::shown(headers),
    })
}

/// Text in UTF-8 or, where the answer says so or it is no UTF-8, in Latin-1.
fn decode(bytes: Vec<u8>, kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    let is_latin = ["iso-8859-1", "latin-1", "latin1"]
        .iter()
        .any(|name| kind.contains(&format!("charset={name}")));
    let latin = |bytes: &[u8]| bytes.iter().map(|byte| char::from(*byte)).collect();
    if is_latin {
        return latin(&bytes);
    }
    String::from_utf8(bytes).unwrap_or_else(|error| latin(error.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())])
    }

    #[test]
    fn parses_a_body_that_says_it_is_json() {
        let result = result(
            200,
            &headers("application/json; charset=utf-8"),
            b"{\"a\": 1}".to_vec(),
        );

        assert_eq!(result["parsed"], true);
        assert_eq!(result["body"], json!({ "a": 1 }));
    }

    #[test]
    fn keeps_the_text_of_what_is_not_json() {
        assert_eq!(
            result(200, &headers("application/json"), b"{".to_vec())["body"],
            "{"
        );
        assert_eq!(
            result(200, &headers("text/plain"), b"1".to_vec())["body"],
            "1"
        );
        assert_eq!(
            result(200, &headers("text/plain"), b"1".to_vec())["parsed"],
            false
        );
        assert_eq!(result(200, &HeaderMap::new(), Vec::new())["body"], "");
    }

    #[test]
    fn reads_latin_1_where_it_is_latin_1() {
        assert_eq!(
            decode(b"\xe4".to_vec(), "text/plain; charset=ISO-8859-1"),
            "ä"
        );
        assert_eq!(decode(b"\xe4".to_vec(), "text/plain"), "ä");
        assert_eq!(decode("ä".into(), "text/plain"), "ä");
    }
}
