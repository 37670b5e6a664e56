//! Values with their expressions, parsed once.

use std::collections::HashMap;
use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};
use pyvalue::{Dict, Value};

use super::{ExpressionError, Language, find};

/// A value whose expressions are compiled. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Statement(Arc<Part>);

/// A part of a value.
#[derive(Debug)]
pub(super) enum Part {
    /// Nothing to evaluate.
    Constant(Value),
    Text(Compiled),
    List(Vec<Part>),
    /// Keys are evaluated too.
    Dict(Vec<(Part, Part)>),
}

/// A text with expressions in it.
#[derive(Debug)]
pub(crate) struct Compiled {
    pub(crate) text: Arc<str>,
    pub(crate) language: Language,
    pub(crate) body: Body,
}

#[derive(Debug)]
pub(crate) enum Body {
    /// Expressions, each evaluated on its own.
    Inline(Vec<Inline>),
    /// Jinja with blocks: the text is a template.
    Template(Result<jinja::Template, Box<Diagnostic>>),
}

/// An expression in a text.
#[derive(Debug)]
pub(crate) struct Inline {
    /// Where it stands, delimiters included.
    pub(crate) range: std::ops::Range<usize>,
    /// Which earlier expression of the text is written the same.
    pub(super) same: Option<usize>,
    pub(crate) expression: Expression,
}

#[derive(Debug, Clone)]
pub(crate) enum Expression {
    Yaql(Result<yaql::Expression, Box<Diagnostic>>),
    Jinja(Result<jinja::Expression, Box<Diagnostic>>),
}

/// What [`Statement::validate`] finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// An expression that does not parse.
    Expression(ExpressionError),
    /// A text with expressions of both languages.
    MixedLanguages(String),
}

impl Statement {
    /// Compiles all expressions of a value. Those that do not parse are kept as such: [`Statement::validate`] reports
    /// them, and so does evaluation.
    #[must_use]
    pub fn compile(value: &serde_json::Value) -> Self {
        Self(Arc::new(Part::from_json(value)))
    }

    /// As [`Statement::compile`], of a value of Python's.
    #[must_use]
    pub fn compile_value(value: &Value) -> Self {
        Self(Arc::new(Part::from_value(value)))
    }

    /// Whether there is nothing to evaluate.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        matches!(*self.0, Part::Constant(_))
    }

    pub(super) fn part(&self) -> &Part {
        &self.0
    }

    /// Every text that holds expressions, in order.
    pub(super) fn texts(&self) -> Vec<&Compiled> {
        let mut texts = Vec::new();
        self.0.collect(&mut texts);
        texts
    }
}

impl Part {
    fn from_json(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::String(text) => Self::text(text),
            Json::Array(items) => Self::list(items.iter().map(Self::from_json).collect()),
            Json::Object(members) => Self::dict(
                members
                    .iter()
                    .map(|(key, value)| (Self::text(key), Self::from_json(value)))
                    .collect(),
            ),
            other => Self::Constant(Value::from_json(other)),
        }
    }

    fn from_value(value: &Value) -> Self {
        match value {
            Value::Str(text) => Self::text(text),
            Value::List(items) => Self::list(items.iter().map(Self::from_value).collect()),
            Value::Dict(members) => Self::dict(
                members
                    .iter()
                    .map(|(key, value)| (Self::from_value(key), Self::from_value(value)))
                    .collect(),
            ),
            other => Self::Constant(other.clone()),
        }
    }

    fn text(text: &str) -> Self {
        match Compiled::new(text) {
            Some(compiled) => Self::Text(compiled),
            None => Self::Constant(Value::from(text)),
        }
    }

    fn list(parts: Vec<Self>) -> Self {
        match parts.iter().map(Self::constant).collect::<Option<Vec<_>>>() {
            Some(items) => Self::Constant(Value::list(items)),
            None => Self::List(parts),
        }
    }

    fn dict(parts: Vec<(Self, Self)>) -> Self {
        let constant = |(key, value): &(Self, Self)| Some((key.constant()?, value.constant()?));
        match parts.iter().map(constant).collect::<Option<Vec<_>>>() {
            Some(members) => Self::Constant(Value::Dict(members.into_iter().collect::<Dict>())),
            None => Self::Dict(parts),
        }
    }

    fn constant(&self) -> Option<Value> {
        match self {
            Self::Constant(value) => Some(value.clone()),
            _ => None,
        }
    }

    fn collect<'p>(&'p self, texts: &mut Vec<&'p Compiled>) {
        match self {
            Self::Constant(_) => {}
            Self::Text(text) => texts.push(text),
            Self::List(items) => items.iter().for_each(|item| item.collect(texts)),
            Self::Dict(members) => {
                for (key, value) in members {
                    key.collect(texts);
                    value.collect(texts);
                }
            }
        }
    }
}

impl Compiled {
    /// The text with its expressions; none where it has none.
    pub(crate) fn new(text: &str) -> Option<Self> {
        find::language(text).map(|language| Self::in_language(text, language))
    }

    /// The text with its expressions of one language.
    pub(super) fn in_language(text: &str, language: Language) -> Self {
        let body = if language == Language::Jinja && find::any(text, find::BLOCK) {
            Body::Template(
                jinja::Template::parse(text, super::engines::environment()).map_err(Box::new),
            )
        } else {
            Body::Inline(Self::inline(text, language))
        };
        Self {
            text: Arc::from(text),
            language,
            body,
        }
    }

    fn inline(text: &str, language: Language) -> Vec<Inline> {
        let delimiters = match language {
            Language::Jinja => find::JINJA,
            Language::Yaql => find::YAQL,
        };
        let mut known: HashMap<&str, usize> = HashMap::new();
        let mut expressions: Vec<Inline> = Vec::new();
        for (at, range) in find::all(text, delimiters).into_iter().enumerate() {
            let source = &text[range.clone()];
            let same = known.get(source).copied();
            let expression = match same {
                Some(same) => expressions[same].expression.clone(),
                None => Expression::parse(source, language),
            };
            known.entry(source).or_insert(at);
            expressions.push(Inline {
                range,
                same,
                expression,
            });
        }
        expressions
    }

    /// The expression with its delimiters.
    pub(crate) fn source(&self, inline: &Inline) -> &str {
        &self.text[inline.range.clone()]
    }

    /// The only expression, where nothing stands around it.
    pub(crate) fn whole(&self) -> Option<&Inline> {
        match &self.body {
            Body::Inline(all) => match all.as_slice() {
                [only] if only.range == (0..self.text.len()) => Some(only),
                _ => None,
            },
            Body::Template(_) => None,
        }
    }
}

/// Whether an error is one of syntax; unknown filters and tests are found at compile time too.
pub(super) fn is_syntax(error: &Diagnostic) -> bool {
    error.kind != Kind::UnknownFunction
}

impl Expression {
    pub(crate) fn parse(expression: &str, language: Language) -> Self {
        let inside = find::inside(expression, language);
        match language {
            Language::Yaql => Self::Yaql(yaql::Expression::parse(inside).map_err(Box::new)),
            Language::Jinja => Self::Jinja(
                jinja::Expression::parse(inside, super::engines::environment()).map_err(Box::new),
            ),
        }
    }

    /// Why it does not parse. Names that nothing has are not looked at.
    pub(crate) fn fault(&self) -> Option<&Diagnostic> {
        let error = match self {
            Self::Yaql(parsed) => parsed.as_ref().err(),
            Self::Jinja(parsed) => parsed.as_ref().err(),
        };
        error.map(|error| &**error).filter(|error| is_syntax(error))
    }
}
