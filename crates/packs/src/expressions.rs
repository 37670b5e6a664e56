//! Mistakes in the expressions of definitions: delimiters that are not closed, unknown functions and filters, names
//! that will have no value.
//!
//! Nothing is evaluated. What is found is a warning: `StackStorm` takes such definitions, and they fail, or do nothing,
//! when they are used.

mod names;
mod place;
mod places;

use std::fmt::{self, Display, Formatter};

use diagnostic::{Diagnostic, Kind};
use serde_json::Value;

use self::names::Names;
use crate::complaint::dotted;
use crate::workflow::Engine;
use crate::{Catalog, FileKind, Place};

pub(crate) use place::position;

/// So much is said about one definition; its author will look at it again.
const MOST: usize = 20;

/// A mistake in an expression of a definition. `Display` says it in one line, with the column in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionFinding {
    /// The keys and indices that lead to the text.
    pub path: Vec<String>,
    /// Whether the text is the value there, or the key.
    pub place: Place,
    /// What is wrong with it, and where in it.
    pub diagnostic: Diagnostic,
}

impl Display for ExpressionFinding {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", dotted(&self.path), self.diagnostic.line())
    }
}

impl ExpressionFinding {
    /// Without the column, for those who are shown the place in the file.
    pub(crate) fn message(&self) -> String {
        let Diagnostic { message, notes, .. } = &self.diagnostic;
        let mut text = format!("`{}`: {message}", dotted(&self.path));
        for note in notes {
            text.push_str("; ");
            text.push_str(note);
        }
        text
    }
}

/// Looks through a definition that came as JSON, by API or from a file. Kinds without expressions have no findings.
#[must_use]
pub fn check_expressions(
    kind: FileKind,
    document: &Value,
    catalog: &Catalog,
) -> Vec<ExpressionFinding> {
    let mut search = Search::default();
    match kind {
        FileKind::Rule => search.rule(document, catalog),
        FileKind::Action => search.action(document),
        FileKind::Alias => search.alias(document),
        FileKind::Config | FileKind::ConfigExample => search.config(document),
        FileKind::Workflow => {
            if let Some(engine) = Engine::guess(document) {
                search.workflow(document, engine);
            }
        }
        FileKind::Pack
        | FileKind::ConfigSchema
        | FileKind::Trigger
        | FileKind::Sensor
        | FileKind::Policy
        | FileKind::Other => {}
    }
    search.findings
}

/// As [`check_expressions`], of a workflow whose engine is known.
pub(crate) fn check_workflow(document: &Value, engine: Engine) -> Vec<ExpressionFinding> {
    let mut search = Search::default();
    search.workflow(document, engine);
    search.findings
}

/// How a text is evaluated.
#[derive(Debug, Clone, Copy)]
enum Dialect<'n> {
    /// Jinja to text. A list or an object is rendered through its JSON text.
    Value(&'n Names<'n>),
    /// Jinja to text, each text of a list or an object by itself.
    Text(&'n Names<'n>),
    /// Orquesta's two languages.
    Workflow,
}

/// A walk through a document.
#[derive(Debug, Default)]
struct Search {
    path: Vec<String>,
    findings: Vec<ExpressionFinding>,
}

impl Search {
    /// Goes to a member, if there is one.
    fn member(&mut self, value: &Value, key: &str, then: impl FnOnce(&mut Self, &Value)) {
        if let Some(member) = value.get(key) {
            self.below(key, |search| then(search, member));
        }
    }

    /// Goes to every member of an object or item of a list.
    fn each(&mut self, value: &Value, mut then: impl FnMut(&mut Self, &str, &Value)) {
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    let at = at.to_string();
                    self.below(&at, |search| then(search, &at, item));
                }
            }
            Value::Object(members) => {
                for (key, member) in members {
                    self.below(key, |search| then(search, key, member));
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn below(&mut self, step: &str, then: impl FnOnce(&mut Self)) {
        if self.findings.len() >= MOST {
            return;
        }
        self.path.push(step.to_owned());
        then(self);
        self.path.pop();
    }

    /// A value and all texts in it.
    fn value(&mut self, value: &Value, dialect: Dialect<'_>) {
        self.nested(value, dialect, false);
    }

    /// Every member of a mapping of values that are rendered each by itself.
    fn values(&mut self, mapping: &Value, dialect: Dialect<'_>) {
        self.each(mapping, |search, _, value| search.value(value, dialect));
    }

    fn nested(&mut self, value: &Value, dialect: Dialect<'_>, is_inside: bool) {
        if let Value::String(text) = value {
            return self.text(text, dialect, is_inside, Place::Value);
        }
        let has_keys = value.is_object();
        self.each(value, |search, key, value| {
            if has_keys && !matches!(dialect, Dialect::Text(_)) {
                search.text(key, dialect, true, Place::Key);
            }
            search.nested(value, dialect, true);
        });
    }

    fn text(&mut self, text: &str, dialect: Dialect<'_>, is_inside: bool, place: Place) {
        let found = match dialect {
            Dialect::Workflow => expr::lint::workflow(text),
            Dialect::Text(names) => template(text, names),
            Dialect::Value(names) => {
                let found = template(text, names);
                if found.is_empty() && is_inside {
                    unfit_for_json(text).into_iter().collect()
                } else {
                    found
                }
            }
        };
        let room = MOST.saturating_sub(self.findings.len());
        let path = &self.path;
        let found = found
            .into_iter()
            .take(room)
            .map(|diagnostic| ExpressionFinding {
                path: path.clone(),
                place,
                diagnostic,
            });
        self.findings.extend(found);
    }
}

/// Findings in a text that is Jinja, names included.
fn template(text: &str, names: &Names<'_>) -> Vec<Diagnostic> {
    let mut found = expr::lint::template(text);
    if found.iter().all(|found| found.kind != Kind::Parse) {
        found.extend(names.unknown_in(text));
    }
    found
}

/// In a list or an object the text is rendered as JSON writes it, where quotes and line ends have backslashes.
fn unfit_for_json(text: &str) -> Option<Diagnostic> {
    if !expr::Template::is_template(text) || !text.contains(['"', '\\', '\n', '\t']) {
        return None;
    }
    let json = Value::from(text).to_string();
    expr::lint::template(json.trim_matches('"')).first()?;
    let start = text.find("{{").or_else(|| text.find("{%"))?;
    let at = start + text[start..].find(['"', '\\', '\n', '\t'])?;
    Some(
        Diagnostic::new(
            Kind::Parse,
            "an expression inside a list or an object is rendered as JSON, so it can hold neither `\"`, nor backslashes, nor line ends",
        )
        .at(&text.into(), at..at + 1)
        .note("quote with `'` inside the expression, and write it on one line"),
    )
}

#[cfg(test)]
mod tests;
