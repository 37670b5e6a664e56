//! Why an expression has no value.

use std::fmt;

use diagnostic::{Diagnostic, Kind};

/// One of the two languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `{{ ... }}`, `{% ... %}`.
    Jinja,
    /// `<% ... %>`.
    Yaql,
}

/// A failed evaluation, and the expression that it happened in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{language} expression `{expression}`: {diagnostic}")]
pub struct ExpressionError {
    /// The language.
    pub language: Language,
    /// The expression with its delimiters, or the whole text where blocks are in it.
    pub expression: String,
    /// What is wrong, and where in the expression.
    pub diagnostic: Box<Diagnostic>,
}

impl ExpressionError {
    pub(crate) fn new(
        language: Language,
        expression: impl Into<String>,
        diagnostic: Diagnostic,
    ) -> Self {
        Self {
            language,
            expression: expression.into(),
            diagnostic: Box::new(diagnostic),
        }
    }

    /// Which kind of failure it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.diagnostic.kind
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.diagnostic.message
    }

    /// The message, the line with a caret under the fault, and notes, each on a line of its own.
    #[must_use]
    pub fn render(&self) -> String {
        format!("{} expression: {}", self.language, self.diagnostic.render())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jinja => "Jinja",
            Self::Yaql => "YAQL",
        })
    }
}

impl Language {
    /// How Orquesta calls it: `jinja`, `yaql`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Jinja => "jinja",
            Self::Yaql => "yaql",
        }
    }
}
