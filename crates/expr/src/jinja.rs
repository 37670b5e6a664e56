//! Templates: compiled once, rendered many times.
//!
//! The engine is minijinja, made to print, fail and filter as StackStorm's Jinja2 does. Rules are data, so each
//! rendering has a bounded number of steps.

mod context;
mod environment;
mod failure;
mod filters;
mod output;
mod python_text;
mod values;

use std::collections::BTreeSet;
use std::sync::Arc;

use minijinja::Environment;

pub use values::{ValuesTemplate, render_values};

use crate::{Mentioned, Scope, Variables};

/// The name every template has in its environment.
const NAME: &str = "template";

/// Jinja's functions.
const GLOBALS: [&str; 6] = ["cycler", "dict", "joiner", "lipsum", "namespace", "range"];

/// A compiled template. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Template {
    compiled: Arc<Compiled>,
}

#[derive(Debug)]
struct Compiled {
    source: String,
    environment: Environment<'static>,
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

/// What a template does with names that have no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undefined {
    Fails,
    IsEmpty,
}

impl Template {
    /// Whether a text holds `{{` or `{%`.
    #[must_use]
    pub fn is_template(text: &str) -> bool {
        text.contains("{{") || text.contains("{%")
    }

    /// Compiles a template that fails where a name is undefined.
    pub fn compile(source: &str) -> Result<Self, TemplateError> {
        Self::compile_with(source, Undefined::Fails)
    }

    /// Compiles a template in which undefined names print nothing (st2's `allow_undefined`).
    pub fn compile_lenient(source: &str) -> Result<Self, TemplateError> {
        Self::compile_with(source, Undefined::IsEmpty)
    }

    fn compile_with(source: &str, undefined: Undefined) -> Result<Self, TemplateError> {
        let mut environment = environment::base(undefined).clone();
        environment
            .add_template_owned(NAME, source.to_owned())
            .map_err(|error| failure::translate(&error, source, None))?;
        Ok(Self {
            compiled: Arc::new(Compiled {
                source: source.to_owned(),
                environment,
            }),
        })
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.compiled.source
    }

    /// Renders to text, strictly: an undefined variable is an error.
    pub fn render(&self, variables: &Variables) -> Result<String, TemplateError> {
        let mut output = output::Output::default();
        self.compiled
            .environment
            .get_template(NAME)
            .and_then(|template| {
                template
                    .render_captured_to(context::root(variables), &mut output)
                    .map(drop)
            })
            .map_err(|error| failure::translate(&error, &self.compiled.source, Some(variables)))?;
        Ok(output.into_text())
    }

    /// Top-level variables that it may read, sorted. Jinja's own functions (`range`, `namespace`) do not count.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .undeclared(false)
            .into_iter()
            .filter(|name| !GLOBALS.contains(&name.as_str()))
            .collect();
        names.sort();
        names
    }

    /// Datastore items that it mentions.
    #[must_use]
    pub fn datastore(&self) -> Mentioned {
        let mut mentioned = Mentioned {
            names: BTreeSet::new(),
            computed: false,
        };
        if !self.compiled.source.contains("st2kv") && !self.compiled.source.contains("__context") {
            return mentioned;
        }
        for path in self.undeclared(true) {
            let mut parts = path.splitn(3, '.');
            match (parts.next(), parts.next(), parts.next()) {
                (Some("st2kv"), Some("system"), Some(name)) if name != "get" => {
                    mentioned.names.insert((Scope::System, name.to_owned()));
                }
                (Some("st2kv"), Some("user"), Some(name)) if name != "get" => {
                    mentioned.names.insert((Scope::User, name.to_owned()));
                }
                (Some("st2kv" | "__context"), ..) => mentioned.computed = true,
                _ => {}
            }
        }
        mentioned
    }

    fn undeclared(&self, nested: bool) -> std::collections::HashSet<String> {
        self.compiled
            .environment
            .get_template(NAME)
            .map(|template| template.undeclared_variables(nested))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
