//! What can be known of a template without rendering it: the variables it needs, and the filters there are not.

mod parts;

use std::collections::BTreeSet;
use std::sync::Arc;

use diagnostic::Diagnostic;
use pyvalue::Value;

use crate::ast::{Applied, Expr, ExprKind, Place};
use crate::scope::each_expression;
use crate::{Environment, Expression, Template};

/// A step behind a variable: `.name`, `['name']`, `[0]`.
#[derive(Debug, Clone, PartialEq)]
pub enum PathStep {
    /// An attribute or a text key.
    Name(Arc<str>),
    /// Any other constant key.
    Key(Value),
}

/// A variable a template needs, and the constant steps behind it, as far as they are constant.
#[derive(Debug, Clone, PartialEq)]
pub struct NamePath {
    /// The variable.
    pub name: Arc<str>,
    /// The steps.
    pub steps: Vec<PathStep>,
}

impl Template {
    /// Variables the template reads and does not set itself, sorted. What the environment has as a global is not among
    /// them.
    #[must_use]
    pub fn names(&self, environment: &Environment) -> Vec<Arc<str>> {
        names(self.paths(environment))
    }

    /// As [`Template::names`], with the attributes and items behind them: `{{ a.b[0] }}` gives `a`, `b`, `0`. In the
    /// order of the template.
    #[must_use]
    pub fn paths(&self, environment: &Environment) -> Vec<NamePath> {
        let mut paths = Vec::new();
        each_expression(&self.code().body, &mut |expression| {
            add_paths(expression, environment, &mut paths);
        });
        paths
    }

    /// Filters and tests that `environment` does not have, those under conditions too, which fail only when they are
    /// reached.
    #[must_use]
    pub fn check(&self, environment: &Environment) -> Vec<Diagnostic> {
        let mut unknown = Vec::new();
        each_expression(&self.code().body, &mut |expression| {
            add_unknown(expression, environment, self.text(), &mut unknown);
        });
        unknown
    }
}

impl Expression {
    /// As [`Template::names`].
    #[must_use]
    pub fn names(&self, environment: &Environment) -> Vec<Arc<str>> {
        names(self.paths(environment))
    }

    /// As [`Template::paths`].
    #[must_use]
    pub fn paths(&self, environment: &Environment) -> Vec<NamePath> {
        let mut paths = Vec::new();
        add_paths(self.tree(), environment, &mut paths);
        paths
    }

    /// As [`Template::check`].
    #[must_use]
    pub fn check(&self, environment: &Environment) -> Vec<Diagnostic> {
        let mut unknown = Vec::new();
        add_unknown(self.tree(), environment, self.text(), &mut unknown);
        unknown
    }
}

fn names(paths: Vec<NamePath>) -> Vec<Arc<str>> {
    let names: BTreeSet<Arc<str>> = paths.into_iter().map(|path| path.name).collect();
    names.into_iter().collect()
}

fn add_paths(expression: &Expr, environment: &Environment, paths: &mut Vec<NamePath>) {
    if let Some(path) = path(expression) {
        if environment.global(&path.name).is_none() && !paths.contains(&path) {
            paths.push(path);
        }
        return;
    }
    expression
        .kind
        .each_child(&mut |child| add_paths(child, environment, paths));
}

/// The path an expression is, where it is one from a variable of the input on.
fn path(expression: &Expr) -> Option<NamePath> {
    match &expression.kind {
        ExprKind::Name(name) if !matches!(name.place, Place::Slot { .. }) => Some(NamePath {
            name: Arc::clone(&name.text),
            steps: Vec::new(),
        }),
        ExprKind::Attribute(subject, name) => {
            let mut path = path(subject)?;
            path.steps.push(PathStep::Name(Arc::clone(name)));
            Some(path)
        }
        ExprKind::Item(pair) => {
            let ExprKind::Constant(key) = &pair.1.kind else {
                return None;
            };
            let mut path = path(&pair.0)?;
            path.steps.push(match key {
                Value::Str(name) => PathStep::Name(Arc::clone(name)),
                key => PathStep::Key(key.clone()),
            });
            Some(path)
        }
        _ => None,
    }
}

fn add_unknown(
    expression: &Expr,
    environment: &Environment,
    text: &Arc<str>,
    unknown: &mut Vec<Diagnostic>,
) {
    let mut add = |applied: &Applied, found: Result<&crate::Function, crate::Error>| {
        if let Err(error) = found {
            unknown.push(error.at(text, applied.name_span.range()).into());
        }
    };
    match &expression.kind {
        ExprKind::Filter(applied) => add(applied, environment.find_filter(&applied.name)),
        ExprKind::Test(applied) => add(applied, environment.find_test(&applied.name)),
        _ => {}
    }
    expression
        .kind
        .each_child(&mut |child| add_unknown(child, environment, text, unknown));
}
