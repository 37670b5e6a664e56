//! Templates of rules, parameters and aliases: Jinja as StackStorm speaks it, compiled once, rendered many times.

mod error;
mod values;

use std::any::Any;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, LazyLock};

use jinja::{Environment, PathStep};
use pyvalue::Limits;

pub use error::{TemplateError, TemplateErrorKind};
pub use values::{ValuesTemplate, render_values};

use crate::{Mentioned, Scope, Variables, functions};

/// A compiled template. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Template(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: String,
    template: jinja::Template,
    undefined: Undefined,
}

/// What a template does with names that have no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Undefined {
    Fails,
    IsEmpty,
}

static STRICT: LazyLock<Environment> = LazyLock::new(|| {
    functions::of_templates().fold(Environment::standard(), Environment::with_filter)
});

static LENIENT: LazyLock<Environment> = LazyLock::new(|| STRICT.clone().lenient());

fn environment(undefined: Undefined) -> &'static Environment {
    match undefined {
        Undefined::Fails => &STRICT,
        Undefined::IsEmpty => &LENIENT,
    }
}

pub(crate) fn strict() -> &'static Environment {
    &STRICT
}

/// Names of the filters that templates have, those of the language included.
#[must_use]
pub fn filters() -> Vec<String> {
    STRICT.filter_names().map(str::to_owned).collect()
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
        let template = jinja::Template::parse(source, environment(undefined))
            .map_err(|diagnostic| TemplateError::new(&diagnostic, source))?;
        Ok(Self(Arc::new(Compiled {
            source: source.to_owned(),
            template,
            undefined,
        })))
    }

    /// The text it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// Renders to text.
    pub fn render(&self, variables: &Variables) -> Result<String, TemplateError> {
        let input = jinja::Input {
            names: variables,
            host: variables
                .datastore
                .as_ref()
                .map(|datastore| datastore as &dyn Any),
            limits: Limits::default(),
            // What `random` chooses differs from one rendering to the next, as in Python.
            seed: RandomState::new().hash_one(0),
        };
        self.0
            .template
            .render(environment(self.0.undefined), &input)
            .map_err(|diagnostic| TemplateError::new(&diagnostic, &self.0.source))
    }

    /// Top-level variables that it may read, sorted. Jinja's own functions (`range`, `namespace`) do not count.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let names = self.0.template.names(environment(self.0.undefined));
        names.into_iter().map(|name| name.to_string()).collect()
    }

    /// Datastore items that it mentions.
    #[must_use]
    pub fn datastore(&self) -> Mentioned {
        let mut mentioned = Mentioned::default();
        let source = &self.0.source;
        if !source.contains("st2kv") && !source.contains("__context") {
            return mentioned;
        }
        for path in self.0.template.paths(environment(self.0.undefined)) {
            match (&*path.name, item(&path.steps)) {
                ("st2kv", Some(item)) => {
                    mentioned.names.insert(item);
                    mentioned.computed |= may_go_on(source);
                }
                ("st2kv" | "__context", _) => mentioned.computed = true,
                _ => {}
            }
        }
        mentioned
    }
}

/// The item that the steps behind `st2kv` name.
fn item(steps: &[PathStep]) -> Option<(Scope, String)> {
    let names: Option<Vec<&str>> = steps
        .iter()
        .map(|step| match step {
            PathStep::Name(name) => Some(&**name),
            PathStep::Key(_) => None,
        })
        .collect();
    match names?.as_slice() {
        ["system", name @ ..] if !name.is_empty() => Some((Scope::System, name.join("."))),
        ["user", name @ ..] if !name.is_empty() => Some((Scope::User, name.join("."))),
        _ => None,
    }
}

/// Whether more of an item's name may stand elsewhere: in a computed key, or behind a name given to the first part.
fn may_go_on(source: &str) -> bool {
    let is_computed = |(at, _)| {
        source[at + 1..]
            .trim_start()
            .starts_with(|first: char| first.is_alphabetic() || matches!(first, '_' | '('))
    };
    let renames = ["set ", "with ", "for ", "macro ", "attr"];
    source.match_indices('[').any(is_computed) || renames.iter().any(|word| source.contains(word))
}

#[cfg(test)]
mod tests;
