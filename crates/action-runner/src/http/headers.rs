//! Header names and values between JSON and the wire. No I/O.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value};

/// A header that cannot be sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum HeaderError {
    #[error("`{0}` is no name of a header")]
    Name(String),
    #[error(
        "the value of header `{0}` cannot be sent: it has characters that headers may not have"
    )]
    Value(String),
}

/// Adds a header, replacing one of its name.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) -> Result<(), HeaderError> {
    let name = HeaderName::try_from(name).map_err(|_| HeaderError::Name(name.to_owned()))?;
    let value = HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| HeaderError::Value(name.to_string()))?;
    headers.insert(name, value);
    Ok(())
}

/// The headers of an answer as st2 shows them: each word of a name with a capital, several values joined by commas.
pub(super) fn shown(headers: &HeaderMap) -> Value {
    let mut shown = Map::new();
    for name in headers.keys() {
        let values: Vec<_> = headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        shown.insert(capitalised(name.as_str()), values.join(", ").into());
    }
    Value::Object(shown)
}

/// How servers usually spell a name (the wire's spelling is lost on the way here).
fn capitalised(name: &str) -> String {
    match name {
        "etag" => "ETag".to_owned(),
        "www-authenticate" => "WWW-Authenticate".to_owned(),
        "x-xss-protection" => "X-XSS-Protection".to_owned(),
        name => name.split('-').map(capital).collect::<Vec<_>>().join("-"),
    }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_ascii_uppercase().to_string() + characters.as_str()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_names_as_servers_spell_them() {
        let mut headers = HeaderMap::new();
        headers.append("content-type", HeaderValue::from_static("text/plain"));
        headers.append("x-tag", HeaderValue::from_static("a"));
        headers.append("x-tag", HeaderValue::from_static("b"));
        headers.append("etag", HeaderValue::from_static("1"));

        assert_eq!(
            shown(&headers),
            serde_json::json!({ "Content-Type": "text/plain", "X-Tag": "a, b", "ETag": "1" })
        );
    }

    #[test]
    fn refuses_a_value_that_would_start_another_header() {
        let error = set(&mut HeaderMap::new(), "X-A", "1\r\nX-B: 2").unwrap_err();

        assert!(
            error
                .to_string()
                .starts_with("the value of header `x-a` cannot be sent")
        );
    }
}
