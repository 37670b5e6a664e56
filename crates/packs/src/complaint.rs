//! What is wrong with a definition, in an author's words, and where in its document.

use model::Object;
use schema::ValidationError;
use serde_json::Value;
use yaml::{Node, Position};

use crate::suggestion::{did_you_mean_key, did_you_mean_value};

/// What is wrong with a definition.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Complaint {
    /// In words for its author.
    pub message: String,
    /// The keys and indices that lead to it.
    pub path: Vec<String>,
    /// What of the path is meant; `None` where the matter is in another file, which the message names.
    pub place: Option<Place>,
}

/// Which end of a path a complaint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The key itself, as when it is unknown.
    Key,
    /// The value under it.
    Value,
}

impl Complaint {
    /// A complaint about the value at a path.
    pub(crate) fn value<S: AsRef<str>>(path: &[S], message: impl Into<String>) -> Self {
        Self::new(path, Some(Place::Value), message.into())
    }

    /// A complaint about a key.
    pub(crate) fn key<S: AsRef<str>>(path: &[S], message: impl Into<String>) -> Self {
        Self::new(path, Some(Place::Key), message.into())
    }

    /// A complaint about another file, which the message names.
    pub(crate) fn elsewhere(message: String) -> Self {
        Self::new::<&str>(&[], None, message)
    }

    fn new<S: AsRef<str>>(path: &[S], place: Option<Place>, message: String) -> Self {
        let path = path.iter().map(|step| step.as_ref().to_owned()).collect();
        Self {
            message,
            path,
            place,
        }
    }

    /// The same, of something that stands at `prefix` in a greater document.
    pub(crate) fn below(mut self, prefix: &[&str]) -> Self {
        self.path
            .splice(0..0, prefix.iter().map(|step| (*step).to_owned()));
        self
    }

    /// Where that is in the document; the nearest place above where the path does not lead. `None` where it is in none.
    #[must_use]
    pub fn position(&self, root: &Node) -> Option<Position> {
        let key = match self.place? {
            Place::Key => root.key_position(&self.path),
            Place::Value => None,
        };
        Some(key.unwrap_or_else(|| root.nearest(&self.path).span.start))
    }

    /// As [`Complaint::of_schema`], of a value that stands at `prefix` in its document; `known` are the keys that it may
    /// have.
    pub(crate) fn of_schema_below(
        prefix: &[&str],
        error: &ValidationError,
        known: &Object,
    ) -> Self {
        let mut error = error.clone();
        let steps = prefix.iter().map(|step| (*step).to_owned());
        error.path.splice(0..0, steps);
        let known_at = |path: &[String]| {
            let known = known.keys().filter(|_| path.len() == prefix.len());
            known.cloned().collect()
        };
        Self::of_schema(&error, known_at)
    }

    /// What a schema's evaluation found, said for authors. `known_at` gives the keys that are known at a place.
    pub(crate) fn of_schema(
        error: &ValidationError,
        known_at: impl Fn(&[String]) -> Vec<String>,
    ) -> Self {
        let name = dotted(&error.path);
        let value = shown(&error.detail.instance);
        match error.validator {
            "type" => Self::value(
                &error.path,
                wrong_type(&name, &error.detail.expected, &value),
            ),
            "required" => missing(error),
            "additionalProperties" => unexpected(error, &known_at(&error.path)),
            "enum" => {
                let allowed = error
                    .detail
                    .expected
                    .as_array()
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let allowed: Vec<String> = allowed.iter().map(bare).collect();
                let given = error.detail.instance.as_str().unwrap_or_default();
                let hint = did_you_mean_value(given, &allowed);
                Self::value(
                    &error.path,
                    format!(
                        "\"{name}\" must be one of {}, not {value}{hint}",
                        allowed.join(", ")
                    ),
                )
            }
            "minItems" if error.detail.expected == 1 => {
                Self::value(&error.path, format!("\"{name}\" must not be empty"))
            }
            "uniqueItems" => Self::value(
                &error.path,
                format!("\"{name}\" lists something twice: {value}"),
            ),
            "minimum" => Self::value(
                &error.path,
                format!(
                    "\"{name}\" must be at least {}, not {value}",
                    error.detail.expected
                ),
            ),
            "maximum" => Self::value(
                &error.path,
                format!(
                    "\"{name}\" must be at most {}, not {value}",
                    error.detail.expected
                ),
            ),
            "maxLength" => Self::value(
                &error.path,
                format!(
                    "\"{name}\" must have at most {} characters",
                    error.detail.expected
                ),
            ),
            "dependencies" => {
                let needed = error.detail.names.join("\", \"");
                Self::value(
                    &error.path,
                    format!("\"{name}\" also needs the key \"{needed}\""),
                )
            }
            _ => Self::value(&error.path, format!("\"{name}\": {}", error.message)),
        }
    }
}

fn missing(error: &ValidationError) -> Complaint {
    let (last, parents) = error
        .path
        .split_last()
        .map_or(("", &[][..]), |(last, parents)| (last.as_str(), parents));
    let within = if parents.is_empty() {
        String::new()
    } else {
        format!(" in \"{}\"", dotted(parents))
    };
    Complaint::key(parents, format!("\"{last}\" is missing{within}"))
}

fn unexpected(error: &ValidationError, known: &[String]) -> Complaint {
    let Some(name) = error.detail.names.first() else {
        return Complaint::value(&error.path, error.message.clone());
    };
    let mut path = error.path.clone();
    path.push(name.clone());
    if error.message.contains("match any of the regexes") {
        let words = format!(
            "\"{name}\" cannot be a name here: letters, digits and underscores are allowed"
        );
        return Complaint::key(&path, words);
    }
    let within = if error.path.is_empty() {
        String::new()
    } else {
        format!(" in \"{}\"", dotted(&error.path))
    };
    let suggestion = did_you_mean_key(name, known.iter().map(String::as_str));
    Complaint::key(&path, format!("unknown key \"{name}\"{within}{suggestion}"))
}

fn wrong_type(name: &str, expected: &Value, value: &str) -> String {
    let names: Vec<&str> = match expected {
        Value::Array(names) => names
            .iter()
            .filter_map(Value::as_str)
            .filter(|name| *name != "null")
            .collect(),
        name => name.as_str().into_iter().collect(),
    };
    let words: Vec<&str> = names.iter().map(|name| type_in_words(name)).collect();
    if name.is_empty() {
        return format!("this file must hold {}, not {value}", words.join(" or "));
    }
    format!("\"{name}\" must be {}, not {value}", words.join(" or "))
}

fn type_in_words(name: &str) -> &str {
    match name {
        "boolean" => "true or false",
        "string" => "text",
        "object" => "a mapping",
        "array" => "a list",
        "integer" => "a whole number",
        "number" => "a number",
        "null" => "empty",
        other => other,
    }
}

/// A path as people write it: `parameters.host.type`.
pub(crate) fn dotted(path: &[String]) -> String {
    path.join(".")
}

/// A value, cut where it is long.
pub(crate) fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "empty".to_owned(),
        value => value.to_string(),
    };
    if text.chars().count() <= 60 {
        return text;
    }
    let start: String = text.chars().take(57).collect();
    format!("{start}...")
}

fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
