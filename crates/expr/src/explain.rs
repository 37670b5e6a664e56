//! An expression as its author tries it: how the text is read, what each part of it yields, and what the whole does.
//!
//! The value is the one that a workflow, a rule or a parameter would get. Parts are evaluated one by one, each against
//! the same data; what has no value alone says why.

mod evaluate;
mod parts;
mod reads;

use std::sync::Arc;

use diagnostic::Diagnostic;
use pyvalue::Value;

use crate::orquesta::{Body, Compiled, Language, Options, State, find};
use crate::template::strict;
use crate::{Template, Variables};

pub use reads::Read;

/// How a text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// A text of a workflow, in which expressions stand between `<% %>` or `{{ }}`.
    Workflow,
    /// A text of a rule, a parameter or an alias: Jinja that renders to text.
    Template,
    /// YAQL without delimiters, with the functions of workflows.
    Yaql,
    /// Jinja without delimiters, with the functions of workflows.
    WorkflowJinja,
    /// Jinja without delimiters, with the names and filters of templates.
    TemplateJinja,
}

/// What becomes of the values of a text's expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The text is one expression: its value keeps its type.
    Whole,
    /// Texts stand around expressions: their values become text.
    Embedded,
    /// A template, which renders to text.
    Rendered,
    /// There is no expression in it.
    Plain,
}

/// What expressions are evaluated against.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// What workflows see: `ctx()`, `item()`, `result()`, ...
    pub state: State,
    /// What templates see.
    pub variables: Variables,
    /// What `$` is in YAQL without delimiters.
    pub data: Value,
    /// Limits, clock and seed.
    pub options: Options,
}

/// A part of an expression, and what it yields alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The part as it is written.
    pub text: String,
    /// Its value; why it has none.
    pub outcome: Result<Value, Diagnostic>,
}

/// How a text with expressions is read, and what they are evaluated to.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The language; none where no expression is in the text.
    pub language: Option<Language>,
    /// What becomes of the values.
    pub form: Form,
    /// What the expressions read of what is given.
    pub reads: Vec<Read>,
    /// Parts in the order in which they are evaluated, each once.
    pub steps: Vec<Step>,
    /// How many parts were left out, where there are very many.
    pub left_out: usize,
    /// The value of the whole.
    pub outcome: Result<Value, Diagnostic>,
}

/// Functions of workflows that rules and parameters do not have.
const OF_WORKFLOWS: [&str; 9] = [
    "ctx",
    "item",
    "result",
    "task",
    "task_status",
    "succeeded",
    "failed",
    "completed",
    "st2kv",
];

impl Reading {
    /// How a text with delimiters is most likely meant; none where there is no delimiter.
    ///
    /// YAQL is of workflows; so is Jinja that calls a function of workflows.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        if text.contains(find::YAQL.open) {
            return Some(Self::Workflow);
        }
        let is_template = Template::is_template(text) || text.contains("{#");
        is_template.then(|| {
            if calls_workflow(text) {
                Self::Workflow
            } else {
                Self::Template
            }
        })
    }

    /// How Jinja without delimiters is most likely meant.
    #[must_use]
    pub fn of_jinja(text: &str) -> Self {
        if calls_workflow(text) {
            Self::WorkflowJinja
        } else {
            Self::TemplateJinja
        }
    }

    /// How a text without delimiters is most likely meant: as YAQL if it parses as such, else as Jinja if it does.
    #[must_use]
    pub fn of_bare(text: &str) -> Self {
        let is_jinja = || jinja::Expression::parse(text, strict()).is_ok();
        if yaql::Expression::parse(text).is_err() && is_jinja() {
            Self::of_jinja(text)
        } else {
            Self::Yaql
        }
    }

    /// The value of a text that is read so. The place of an error is one of the whole text.
    pub fn evaluate(self, text: &str, given: &Given) -> Result<Value, Diagnostic> {
        let text: Arc<str> = Arc::from(text);
        evaluate::whole(self, &text, given).map_err(|error| evaluate::placed(error, &text))
    }

    /// The value, and how it came about.
    #[must_use]
    pub fn explain(self, text: &str, given: &Given) -> Explanation {
        let (language, form) = self.form(text);
        let (steps, left_out) = parts::steps(self, text, given);
        Explanation {
            language,
            form,
            reads: reads::reads(self, text, given),
            steps,
            left_out,
            outcome: self.evaluate(text, given),
        }
    }

    /// The language of a text that is read so, and what becomes of its values.
    #[must_use]
    pub fn form(self, text: &str) -> (Option<Language>, Form) {
        match self {
            Self::Template => (Some(Language::Jinja), Form::Rendered),
            Self::Yaql => (Some(Language::Yaql), Form::Whole),
            Self::WorkflowJinja | Self::TemplateJinja => (Some(Language::Jinja), Form::Whole),
            Self::Workflow => match Compiled::new(text) {
                None => (None, Form::Plain),
                Some(compiled) => {
                    let form = match &compiled.body {
                        Body::Template(_) => Form::Rendered,
                        Body::Inline(_) if compiled.whole().is_some() => Form::Whole,
                        Body::Inline(_) => Form::Embedded,
                    };
                    (Some(compiled.language), form)
                }
            },
        }
    }
}

fn calls_workflow(text: &str) -> bool {
    OF_WORKFLOWS.iter().any(|name| calls(text, name))
}

/// Whether a function of this name is called, by the look of the text: a method or a filter of that name does not count.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].trim_end();
        let is_whole =
            before.len() < at || !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        is_whole
            && !before.ends_with(['.', '|'])
            && text[at + name.len()..].trim_start().starts_with('(')
    })
}

#[cfg(test)]
mod tests;
