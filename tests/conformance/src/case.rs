//! One line of a recording.

use serde_json::{Map, Value};

/// Inputs and the recorded answer.
#[derive(Debug, Clone)]
pub struct Case {
    fields: Map<String, Value>,
}

/// A line that is no case.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The line is no JSON.
    #[error("the line is no JSON")]
    Json(#[from] serde_json::Error),

    /// The line has no name.
    #[error("the line is no object with an `id` or a `name`")]
    Form,
}

/// What was recorded.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Expected<'c> {
    /// The answer without a known fault of the original.
    pub intended: Option<&'c Value>,
    /// The value.
    pub result: Option<&'c Value>,
    /// The error: an object with `kind`.
    pub error: Option<&'c Value>,
}

/// Members that are no inputs.
const ANSWERS: [&str; 7] = [
    "id", "features", "tags", "result", "error", "intended", "failures",
];

/// Members that may hold a case's name.
const NAMES: [&str; 2] = ["id", "name"];

impl Case {
    /// Reads a line.
    pub fn parse(line: &str) -> Result<Self, CaseError> {
        match serde_json::from_str(line)? {
            Value::Object(fields) if NAMES.iter().any(|name| fields.contains_key(*name)) => {
                Ok(Self { fields })
            }
            _ => Err(CaseError::Form),
        }
    }

    /// Its name.
    #[must_use]
    pub fn id(&self) -> &str {
        NAMES
            .iter()
            .find_map(|name| self.fields.get(*name)?.as_str())
            .unwrap_or_default()
    }

    /// An input; null where it is absent.
    #[must_use]
    pub fn get(&self, name: &str) -> &Value {
        self.fields.get(name).unwrap_or(&Value::Null)
    }

    /// Whether an input is there, null or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// An input that is a text; empty where it is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or_default()
    }

    /// An input that is an object; empty where it is none.
    #[must_use]
    pub fn object(&self, name: &str) -> Map<String, Value> {
        self.get(name).as_object().cloned().unwrap_or_default()
    }

    /// An input that is an array; empty where it is none.
    #[must_use]
    pub fn array(&self, name: &str) -> &[Value] {
        self.get(name).as_array().map_or(&[], Vec::as_slice)
    }

    /// All inputs, to show them.
    #[must_use]
    pub fn inputs(&self) -> Value {
        let is_input = |(name, _): &(&String, &Value)| !ANSWERS.contains(&name.as_str());
        let inputs = self.fields.iter().filter(is_input);
        Value::Object(
            inputs
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        )
    }

    /// The recorded answer.
    #[must_use]
    pub fn expected(&self) -> Expected<'_> {
        Expected {
            intended: self.fields.get("intended"),
            result: self.fields.get("result"),
            error: self.fields.get("error"),
        }
    }

    /// What it exercises: functions, filters, operators.
    pub fn features(&self) -> impl Iterator<Item = &str> {
        self.array("features").iter().filter_map(Value::as_str)
    }

    /// Whether it has a tag.
    #[must_use]
    pub fn is_tagged(&self, tag: &str) -> bool {
        self.array("tags").iter().any(|known| known == tag)
    }

    /// Whether the format allows to leave it out: integers beyond 64 bits, texts of Python's internals, and traces that
    /// a known fault of the original spoilt, which have a twin without it.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        let is_spoilt = self
            .features()
            .any(|feature| feature == "quirk:context-alias-visible")
            && !self.id().ends_with("#isolated");
        self.is_tagged("bigint") || self.is_tagged("python-internal") || is_spoilt
    }
}
