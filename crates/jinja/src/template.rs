//! Templates and expressions, parsed once and evaluated many times.

use std::sync::Arc;

use diagnostic::Diagnostic;
use pyvalue::Value;

use crate::ast::{Code, Expr};
use crate::{Environment, Input, Run, evaluate, lexer, parser, scope};

/// A parsed template. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Template(Arc<Parsed<Code>>);

/// A parsed expression: what stands within `{{ }}`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Expression(Arc<Parsed<Expr>>);

#[derive(Debug)]
struct Parsed<T> {
    text: Arc<str>,
    tree: T,
    /// What runs where there is no template around.
    code: Code,
}

impl Template {
    /// Parses a template. Filters and tests are looked up in `environment` now.
    pub fn parse(text: &str, environment: &Environment) -> Result<Self, Diagnostic> {
        let text = lexer::normalized(text);
        let body = parser::template(&text, environment)?;
        let tree = scope::settle(body, &text)?;
        Ok(Self(Arc::new(Parsed {
            text,
            tree,
            code: Code::default(),
        })))
    }

    /// The text it was parsed from, with `\n` as line ends and none at the very end.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.text
    }

    /// Renders it. `environment` is the one it was parsed with, or like it.
    pub fn render(
        &self,
        environment: &Environment,
        input: &Input<'_>,
    ) -> Result<String, Diagnostic> {
        let run = Run::new(environment, input, &self.0.text, &self.0.tree);
        Ok(evaluate::render(&run)?)
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.0.text
    }

    pub(crate) fn code(&self) -> &Code {
        &self.0.tree
    }
}

impl Expression {
    /// Parses an expression. Filters and tests are looked up in `environment` now.
    pub fn parse(text: &str, environment: &Environment) -> Result<Self, Diagnostic> {
        let text = lexer::normalized(text);
        let mut tree = parser::expression(&text, environment)?;
        scope::settle_expression(&mut tree, &text);
        Ok(Self(Arc::new(Parsed {
            text,
            tree,
            code: Code::default(),
        })))
    }

    /// The text it was parsed from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.text
    }

    /// Evaluates it to a value of any type; to an undefined one ([`crate::is_undefined`]) where what it names is missing.
    pub fn evaluate(
        &self,
        environment: &Environment,
        input: &Input<'_>,
    ) -> Result<Value, Diagnostic> {
        let run = Run::new(environment, input, &self.0.text, &self.0.code);
        Ok(evaluate::evaluate(&run, &self.0.tree)?)
    }

    pub(crate) fn text(&self) -> &Arc<str> {
        &self.0.text
    }

    pub(crate) fn tree(&self) -> &Expr {
        &self.0.tree
    }
}
