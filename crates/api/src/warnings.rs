//! What is odd about a definition that was taken all the same: the header `Petrel-Warning`, once a finding.
//!
//! Bodies are those of StackStorm, so that its clients find what they know in them.

use std::convert::Infallible;

use axum::response::{IntoResponseParts, ResponseParts};
use http::{HeaderName, HeaderValue};
use packs::{Catalog, ExpressionFinding, FileKind, Report, check_expressions};
use serde_json::Value;

const NAME: HeaderName = HeaderName::from_static("petrel-warning");
/// Proxies refuse answers with more than some kilobytes of headers.
const MOST: usize = 5;
/// Bytes of one header.
const LONGEST: usize = 400;

/// Findings that an answer carries beside its body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Warnings(Vec<String>);

impl Warnings {
    /// Those about the expressions of a definition as it came. They are logged too.
    pub(crate) fn of(kind: FileKind, document: &Value, catalog: &Catalog, reference: &str) -> Self {
        let findings = check_expressions(kind, document, catalog);
        let texts = findings.iter().map(ExpressionFinding::to_string);
        let texts: Vec<String> = texts.collect();
        for text in &texts {
            tracing::warn!("{} `{reference}`: {text}", kind.name());
        }
        Self(texts)
    }

    /// With these, which are logged too.
    pub(crate) fn and(mut self, texts: impl IntoIterator<Item = String>) -> Self {
        for text in texts {
            tracing::warn!("{text}");
            self.0.push(text);
        }
        self
    }

    /// Those about the files of packs that were registered. They are logged too.
    pub(crate) fn of_report(report: &Report) -> Self {
        let warnings = report.warnings().map(|(result, warning)| {
            tracing::warn!("{}/{}:\n{}", result.pack, result.file, warning.excerpt);
            format!(
                "{}/{}:{}:{}: {}",
                result.pack, result.file, warning.line, warning.column, warning.message
            )
        });
        Self(warnings.collect())
    }
}

impl IntoResponseParts for Warnings {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        let more = self.0.len().saturating_sub(MOST);
        let rest = (more > 0).then(|| format!("and {more} more"));
        let headers = parts.headers_mut();
        for text in self.0.into_iter().take(MOST).chain(rest) {
            if let Ok(value) = HeaderValue::from_bytes(&in_one_line(&text)) {
                headers.append(NAME, value);
            }
        }
        Ok(parts)
    }
}

/// UTF-8 without control characters, cut where it is long.
fn in_one_line(text: &str) -> Vec<u8> {
    let mut line: String = text
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .collect();
    if line.len() > LONGEST {
        line.truncate(line.floor_char_boundary(LONGEST));
        line.push_str("...");
    }
    line.into_bytes()
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;

    use super::*;

    fn headers(texts: &[&str]) -> Vec<String> {
        let warnings = Warnings(texts.iter().map(ToString::to_string).collect());
        let response = (warnings, ()).into_response();
        let values = response.headers().get_all(NAME).into_iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    }

    #[test]
    fn a_finding_is_a_header_whatever_is_in_it() {
        assert_eq!(headers(&["`é`: a\r\nb: c", ""]), ["`é`: a  b: c", ""]);
        assert_eq!(headers(&[]), [""; 0]);
    }

    #[test]
    fn headers_stay_within_what_proxies_take() {
        let long = "é".repeat(1000);

        let found = headers(&[long.as_str(); 8]);

        assert_eq!(found.len(), 6);
        assert_eq!(found[0].len(), 403);
        assert_eq!(found[5], "and 3 more");
    }
}
