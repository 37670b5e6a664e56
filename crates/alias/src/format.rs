//! One representation of an alias, compiled, and what it finds in a message.

use std::sync::LazyLock;

use pyvalue::regex::{Flags, Match};
use regex::{Captures, Regex};
use serde_json::Value;

use crate::message::{NO_SPACE, SPACE, compiled, is_space};
use crate::shape::Shape;
use crate::{Message, Parameters};

/// `{{ name = default }}`: the name, and the default in one of four groups.
fn optional() -> String {
    format!(
        r#"\{{\{{{SPACE}*({NO_SPACE}+?){SPACE}*{SPACE}*={SPACE}*(?:""|''|"(.+?)"|'(.+?)'|(\{{.+?\}})|(.+?)){SPACE}*\}}\}}"#
    )
}

/// Parameters with a default, over lines too.
static DEFAULTS: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("(?s){}", optional())));

/// The same with the white space before them, within a line.
static OPTIONAL: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("({SPACE}*){}", optional())));

/// `{{ name }}` with the white space before it.
static REQUIRED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r"({SPACE}*)\{{\{{{SPACE}*({NO_SPACE}+?){SPACE}*\}}\}}"
    ))
});

/// A representation that cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("format `{format}` is no valid regular expression")]
pub struct FormatError {
    /// The representation as it is written.
    pub format: String,
    /// What is wrong with the expression that it becomes.
    #[source]
    pub source: pyvalue::Error,
}

/// Why a message gives no parameters.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ExtractError {
    /// The message means something else.
    #[error("`{message}` does not fit the format `{format}`")]
    NoMatch {
        /// The message.
        message: String,
        /// The representation.
        format: String,
    },

    /// A default that belongs to no parameter of the expression: it goes over several lines.
    #[error(
        "format `{format}` gives a default to `{parameter}`, which is no parameter of it; write it in one line"
    )]
    StrayDefault {
        /// The representation.
        format: String,
        /// What the default is for.
        parameter: String,
    },

    /// The expression took too many steps.
    #[error("cannot say whether `{message}` fits the format `{format}`; make the format simpler")]
    GaveUp {
        /// The message.
        message: String,
        /// The representation.
        format: String,
        /// The limit that was reached.
        #[source]
        source: pyvalue::Error,
    },
}

/// A compiled representation. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Format {
    source: String,
    expression: pyvalue::regex::Regex,
    /// Parameters with a default, in the order of the format.
    defaults: Vec<(String, String)>,
    /// What a message has to begin with; empty where that cannot be said.
    head: String,
}

impl Format {
    /// Compiles a representation.
    pub fn compile(representation: &str) -> Result<Self, FormatError> {
        let inner = expression(representation);
        let shape = Shape::of(&inner);
        let start = if shape.anchored_start { "" } else { r"^\s*" };
        let end = if shape.anchored_end { "" } else { r"\s*$" };
        let flags = Flags {
            dot_all: true,
            ..Flags::default()
        };
        let compile = |pattern: &str| {
            pyvalue::regex::Regex::new(pattern, flags).map_err(|source| FormatError {
                format: representation.to_owned(),
                source,
            })
        };
        // What is added before it would turn a quantifier at its start into something valid.
        compile(&inner)?;
        let expression = compile(&format!("{start}{inner}{end}"))?;
        Ok(Self {
            source: representation.to_owned(),
            expression,
            defaults: DEFAULTS
                .captures_iter(representation)
                .map(|found| default(&found))
                .collect(),
            head: if shape.anchored_start {
                String::new()
            } else {
                shape.head.trim_start_matches(is_space).to_owned()
            },
        })
    }

    /// The representation as it is written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of what it takes from a message: its parameters, and the groups that its author named.
    pub fn parameter_names(&self) -> impl Iterator<Item = String> {
        self.expression
            .group_names()
            .map(|(name, _)| name.to_string())
    }

    /// Where the first `{{` or `}}` stands that is no part of a parameter, in bytes: such braces are taken as they are.
    #[must_use]
    pub fn stray_braces(&self) -> Option<usize> {
        let blank = |found: &Captures<'_>| " ".repeat(found[0].len());
        let rest = OPTIONAL.replace_all(&self.source, blank);
        let rest = REQUIRED.replace_all(&rest, blank);
        rest.find("{{").into_iter().chain(rest.find("}}")).min()
    }

    /// The words that a message has to begin with, as far as they are known.
    pub(crate) fn head(&self) -> &str {
        &self.head
    }

    /// Whether the message begins as the format does. Where it does not, it does not fit.
    pub(crate) fn may_fit(&self, message: &Message) -> bool {
        message
            .rest()
            .trim_start_matches(is_space)
            .starts_with(&self.head)
    }

    /// The parameters that a message gives, all of them text, or null for a group of the author's own that took no
    /// part.
    pub fn extract(&self, message: &Message) -> Result<Parameters, ExtractError> {
        if !self.may_fit(message) {
            return Err(self.no_match(message));
        }
        let found = self.expression.search(message.rest());
        let found = found.map_err(|source| self.gave_up(message, source))?;
        let found = found.ok_or_else(|| self.no_match(message))?;
        self.parameters(&found, message)
    }

    /// The parameters of each place where the format fits; none where it does not.
    pub fn extract_multiple(&self, message: &Message) -> Result<Vec<Parameters>, ExtractError> {
        if !self.may_fit(message) {
            return Ok(Vec::new());
        }
        self.expression
            .iter(message.rest())
            .map(|found| {
                let found = found.map_err(|source| self.gave_up(message, source))?;
                self.parameters(&found, message)
            })
            .collect()
    }

    fn parameters(&self, found: &Match<'_>, message: &Message) -> Result<Parameters, ExtractError> {
        let mut parameters: Parameters = self
            .expression
            .group_names()
            .map(|(name, group)| (name.to_string(), Value::from(found.group(group))))
            .collect();
        for (name, default) in &self.defaults {
            let Some(value) = parameters.get_mut(name) else {
                return Err(ExtractError::StrayDefault {
                    format: self.source.clone(),
                    parameter: name.clone(),
                });
            };
            if is_blank(value) {
                *value = Value::from(default.as_str());
            }
        }
        for (key, value) in message.pairs() {
            parameters.insert(key.clone(), Value::from(value.as_str()));
        }
        let says_something = !message.is_blank() || !parameters.values().all(is_blank);
        if self.source.is_empty() || says_something {
            Ok(parameters)
        } else {
            Err(self.no_match(message))
        }
    }

    fn no_match(&self, message: &Message) -> ExtractError {
        ExtractError::NoMatch {
            message: message.text().to_owned(),
            format: self.source.clone(),
        }
    }

    fn gave_up(&self, message: &Message, source: pyvalue::Error) -> ExtractError {
        ExtractError::GaveUp {
            message: message.text().to_owned(),
            format: self.source.clone(),
            source,
        }
    }
}

fn is_blank(value: &Value) -> bool {
    value.as_str().is_none_or(str::is_empty)
}

fn default(found: &Captures<'_>) -> (String, String) {
    let text = |group| found.get(group).map_or("", |found| found.as_str());
    (text(1).to_owned(), (2..=5).map(text).collect())
}

/// The expression that a representation becomes, without the anchors that are added.
fn expression(representation: &str) -> String {
    let optional = OPTIONAL.replace_all(representation, |found: &Captures<'_>| {
        format!("(?:{})?", parameter(&found[1], &found[2]))
    });
    let required = REQUIRED.replace_all(&optional, |found: &Captures<'_>| {
        parameter(&found[1], &found[2])
    });
    required.into_owned()
}

/// The white space, a quote that may be there, the value in a group, a quote that may be there.
fn parameter(space: &str, name: &str) -> String {
    let quote = r#"["']?"#;
    let value = r#"(?<=').+?(?=')|(?<=").+?(?=")|{.+?}|.+?"#;
    format!("{space}{quote}(?P<{name}>(?:{value})){quote}")
}
