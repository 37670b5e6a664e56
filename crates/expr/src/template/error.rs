//! Why a template did not compile or render.

use diagnostic::{Diagnostic, Kind};

/// Why a template did not compile or render.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What went wrong and in which line, in words an author understands, with "did you mean" where a name is near.
    pub message: String,
    /// Which kind.
    pub kind: TemplateErrorKind,
    /// Line in the template, from 1.
    pub line: Option<usize>,
    /// The template.
    pub source_text: String,
    /// The message over several lines, with the line of the template and a caret under the fault.
    pub rendered: String,
}

/// Kinds of failure (as the conformance vectors name them).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateErrorKind {
    /// Syntax.
    Parse,
    /// No filter, test or function of that name.
    UnknownFunction,
    /// A missing variable, key or attribute.
    Undefined,
    /// Arguments of the wrong type.
    Type,
    /// Anything else.
    Other,
}

impl TemplateError {
    pub(super) fn new(diagnostic: &Diagnostic, source: &str) -> Self {
        Self {
            message: diagnostic.line(),
            kind: match diagnostic.kind {
                Kind::Parse => TemplateErrorKind::Parse,
                Kind::UnknownFunction => TemplateErrorKind::UnknownFunction,
                Kind::Undefined => TemplateErrorKind::Undefined,
                Kind::Type => TemplateErrorKind::Type,
                Kind::Other | Kind::Limit => TemplateErrorKind::Other,
            },
            line: diagnostic.position().map(|position| position.line),
            source_text: source.to_owned(),
            rendered: diagnostic.render(),
        }
    }

    /// The same, with the name of the value that the template is.
    pub(super) fn about(self, name: &str) -> Self {
        Self {
            message: format!("`{name}`: {}", self.message),
            rendered: format!("`{name}`: {}", self.rendered),
            ..self
        }
    }
}
