//! Inspection: everything that is wrong with a workflow, told at once and before it runs.
//!
//! Four passes, as Orquesta has them: *syntax* (the shape, by a JSON schema), *semantics* (where tasks lead),
//! *expressions* (whether they parse) and *context* (whether variables are set before they are read, on some path). What
//! they find is told in Orquesta's words and at its paths, since clients know those, and here with line and column too.
//!
//! Where Orquesta itself gives up, with an exception, on a shape it did not expect, a finding of the syntax takes its
//! place.
//!
//! ```
//! let inspection = conductor::inspect("version: 1.0\ntasks:\n  t1:\n    action: core.echo message=<% ctx().x %>\n", &[]);
//!
//! let finding = inspection.findings().next().unwrap();
//! assert_eq!(finding.message, "Variable \"x\" is referenced before assignment.");
//! assert_eq!(finding.spec_path.as_deref(), Some("tasks.t1.input"));
//! assert_eq!(finding.position.map(|at| (at.line, at.column)), Some((4, 31)));
//! ```

mod allowance;
mod calls;
mod context;
mod document;
mod expressions;
mod outline;
mod place;
mod python;
mod schema;
mod semantics;

use expr::orquesta::Language;
use serde_json::{Map, Value, json};
use yaml::Position;

pub use self::calls::Call;

use self::document::Document;
use self::outline::Outline;
use self::place::Place;

/// What inspection found; nothing in a workflow that is sound.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    findings: Vec<Finding>,
    calls: Vec<Call>,
}

/// The pass that found something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A variable that may not be set, or may not be read.
    Context,
    /// An expression that does not parse.
    Expressions,
    /// Tasks that do not lead where they should.
    Semantics,
    /// A shape that no workflow has.
    Syntax,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The pass that found it.
    pub category: Category,
    /// What is wrong, in Orquesta's words.
    pub message: String,
    /// Where in the workflow (`tasks.t1.next[0].do`); none for the workflow as a whole.
    pub spec_path: Option<String>,
    /// Where in the schema of workflows.
    pub schema_path: Option<String>,
    /// The language of the expression; none where there is no expression, and where one text mixes two languages.
    pub language: Option<Language>,
    /// The expression, or the text that holds it.
    pub expression: Option<String>,
    /// Where in the text of the definition.
    pub position: Option<Position>,
}

/// Inspects a definition.
///
/// `app_ctx` names variables that are set before the workflow begins; StackStorm sets `st2` and `parent`.
#[must_use]
pub fn inspect(text: &str, app_ctx: &[&str]) -> Inspection {
    let document = match Document::read(text) {
        Ok(document) => document,
        Err(findings) => {
            return Inspection {
                findings,
                calls: Vec::new(),
            };
        }
    };
    let outline = Outline::of(&document.root);
    let mut found = schema::check(&document.root);
    found.extend(outline.faults());
    found.extend(semantics::check(&outline));
    found.extend(expressions::check(&outline));
    found.extend(context::check(&outline, app_ctx));
    let mut findings: Vec<Finding> = found
        .into_iter()
        .map(|found| document.locate(found))
        .collect();
    findings.sort_by(|one, other| one.order().cmp(&other.order()));
    Inspection {
        findings,
        calls: calls::of(&outline),
    }
}

impl Inspection {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// What was found, by category and there by the path in the schema.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter()
    }

    /// The actions that tasks name, for those who know which actions there are.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// Orquesta's form: an object with a list for each pass that found something.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut passes = Map::new();
        for finding in &self.findings {
            let pass = passes
                .entry(finding.category.name())
                .or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(entries) = pass {
                entries.push(finding.to_json("type"));
            }
        }
        Value::Object(passes)
    }

    /// StackStorm's form: one list, where `type` is the pass and `language` the language.
    #[must_use]
    pub fn flattened(&self) -> Value {
        let entry = |finding: &Finding| {
            let mut entry = finding.to_json("language");
            entry["type"] = json!(finding.category.name_in_a_list());
            entry
        };
        self.findings.iter().map(entry).collect()
    }
}

impl Category {
    /// What Orquesta calls the pass.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Expressions => "expressions",
            Self::Semantics => "semantics",
            Self::Syntax => "syntax",
        }
    }

    /// What StackStorm calls what it found.
    #[must_use]
    pub fn name_in_a_list(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Expressions => "expression",
            Self::Semantics => "semantic",
            Self::Syntax => "syntax",
        }
    }
}

impl Finding {
    fn order(&self) -> impl Ord {
        (
            self.category,
            &self.schema_path,
            &self.spec_path,
            self.language,
            &self.expression,
            &self.message,
        )
    }

    fn to_json(&self, language: &str) -> Value {
        let mut entry = json!({
            "message": self.message,
            "spec_path": self.spec_path,
            "schema_path": self.schema_path,
        });
        if matches!(self.category, Category::Context | Category::Expressions) {
            entry[language] = json!(self.language.map(Language::name));
            entry["expression"] = json!(self.expression);
        }
        entry
    }
}

/// A finding whose place in the text is not looked up yet.
#[derive(Debug)]
struct Found {
    category: Category,
    message: String,
    place: Place,
    language: Option<Language>,
    expression: Option<String>,
    /// The variable that it is about.
    variable: Option<String>,
}

impl Found {
    fn new(category: Category, place: &Place, message: impl Into<String>) -> Self {
        Self {
            category,
            message: message.into(),
            place: place.clone(),
            language: None,
            expression: None,
            variable: None,
        }
    }

    fn in_expression(mut self, language: Option<Language>, expression: &str) -> Self {
        self.language = language;
        self.expression = Some(expression.to_owned());
        self
    }
}

#[cfg(test)]
mod tests;
