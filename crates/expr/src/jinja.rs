//! Templates: compiled once, rendered many times.

use serde_json::Value;

use crate::{Mentioned, Variables};

/// A compiled template.
#[derive(Debug, Clone)]
pub struct Template {
    source: String,
}

/// Why a template did not compile or render.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What went wrong, in words an author understands, with "did you mean" where a name is near.
    pub message: String,
    /// Which kind.
    pub kind: TemplateErrorKind,
    /// Line in the template, from 1.
    pub line: Option<usize>,
    /// The template.
    pub source_text: String,
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

impl Template {
    /// Whether a text holds `{{` or `{%`.
    #[must_use]
    pub fn is_template(text: &str) -> bool {
        text.contains("{{") || text.contains("{%")
    }

    /// Compiles a template.
    pub fn compile(source: &str) -> Result<Self, TemplateError> {
        unimplemented!("{source}")
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Renders to text, strictly: an undefined variable is an error.
    pub fn render(&self, variables: &Variables) -> Result<String, TemplateError> {
        unimplemented!("{variables:?}")
    }

    /// Top-level variables that it may read.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        unimplemented!()
    }

    /// Datastore items that it mentions.
    #[must_use]
    pub fn datastore(&self) -> Mentioned {
        unimplemented!()
    }
}

/// Values of a rule's action parameters or an alias's mapping, rendered as st2's `render_values` does: lists and
/// objects through their JSON text, scalars through their text, values without templates as they are.
pub fn render_values(
    mapping: &model::Object,
    variables: &Variables,
) -> Result<model::Object, TemplateError> {
    let _unused: Option<&Value> = None;
    unimplemented!("{mapping:?} {variables:?}")
}
