//! The formats of an alias as its file gives them: texts, and objects with several representations.

use serde_json::Value;

/// One way to say an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Representation {
    /// What help shows.
    pub display: Option<String>,
    /// The format to compile; none where only `display` is given, which fits lines made of pairs alone.
    pub format: Option<String>,
    /// Whether it may fit several places of a line, each a request of its own.
    pub match_multiple: bool,
}

impl Representation {
    /// The text of the format; empty where none is given.
    #[must_use]
    pub fn text(&self) -> &str {
        self.format.as_deref().unwrap_or_default()
    }
}

/// An entry of `formats` that is neither form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("format `{format}` is neither a text nor an object with `display` and `representation`")]
pub struct RepresentationError {
    /// The entry, as JSON.
    pub format: String,
}

/// Lists the representations of an alias's `formats`, in order.
///
/// A text is its own display. An object has `display`, `representation` (a text or a list of them) and
/// `match_multiple`.
pub fn representations(formats: &[Value]) -> Result<Vec<Representation>, RepresentationError> {
    let mut found = Vec::new();
    for format in formats {
        found.extend(of_format(format)?);
    }
    Ok(found)
}

/// The representations of one entry.
pub(crate) fn of_format(format: &Value) -> Result<Vec<Representation>, RepresentationError> {
    let unfit = || RepresentationError {
        format: format.to_string(),
    };
    if let Some(text) = format.as_str() {
        return Ok(vec![Representation {
            display: Some(text.to_owned()),
            format: Some(text.to_owned()),
            match_multiple: false,
        }]);
    }
    let object = format.as_object().ok_or_else(unfit)?;
    let display = object
        .get("display")
        .and_then(Value::as_str)
        .map(str::to_owned);
    let match_multiple = object
        .get("match_multiple")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    let texts = match object.get("representation") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) if text.is_empty() => Vec::new(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(texts)) => texts
            .iter()
            .map(|text| text.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(unfit)?,
        Some(_) => return Err(unfit()),
    };
    let only_display = texts.is_empty() && display.as_ref().is_some_and(|text| !text.is_empty());
    let formats = texts
        .into_iter()
        .map(Some)
        .chain(only_display.then_some(None));
    Ok(formats
        .map(|format| Representation {
            display: display.clone(),
            match_multiple: match_multiple && format.is_some(),
            format,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_format_that_is_no_text_and_no_object_is_refused() {
        for format in [
            json!(5),
            json!(null),
            json!(["foo"]),
            json!({ "representation": [1] }),
        ] {
            let error = representations(&[json!("foo"), format.clone()]).unwrap_err();

            assert_eq!(error.format, format.to_string());
        }
    }

    #[test]
    fn an_object_gives_its_representations_in_order() {
        let object =
            json!({ "display": "d", "representation": ["a", "b"], "match_multiple": true });

        let found =
            representations(&[object, json!("c"), json!({ "display": "e" }), json!({})]).unwrap();

        let found: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.display.as_deref(),
                    one.format.as_deref(),
                    one.match_multiple,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (Some("d"), Some("a"), true),
                (Some("d"), Some("b"), true),
                (Some("c"), Some("c"), false),
                (Some("e"), None, false),
            ]
        );
    }
}
