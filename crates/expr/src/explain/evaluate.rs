//! Evaluates whole texts and single expressions, whichever way they are read.

use std::any::Any;
use std::sync::Arc;

use diagnostic::{Diagnostic, Kind};
use pyvalue::Value;

use super::{Given, Reading};
use crate::orquesta::{
    ExpressionError, Statement, environment, evaluate_jinja, evaluate_yaql, finished,
};
use crate::template::strict;

/// The value of a text.
pub(super) fn whole(reading: Reading, text: &Arc<str>, given: &Given) -> Result<Value, Diagnostic> {
    match reading {
        Reading::Workflow => Statement::compile_value(&Value::Str(Arc::clone(text)))
            .evaluate(&given.state, &given.options)
            .map_err(|error| in_text(error, text)),
        Reading::Template => {
            let template = jinja::Template::parse(text, strict())?;
            template.render(strict(), &input(given)).map(Value::from)
        }
        bare => expression(bare, text, given),
    }
}

/// The value of an expression without delimiters. For texts with delimiters their reading says what it sees: as
/// [`Reading::Workflow`] it is YAQL, as [`Reading::Template`] Jinja.
pub(super) fn expression(reading: Reading, text: &str, given: &Given) -> Result<Value, Diagnostic> {
    let value = match reading {
        Reading::Yaql | Reading::Workflow => {
            let parsed = yaql::Expression::parse(text)?;
            // In a workflow's text there is nothing that `$` could be.
            let none = Value::None;
            let data = if reading == Reading::Yaql {
                &given.data
            } else {
                &none
            };
            return evaluate_yaql(&parsed, data, &given.state, &given.options);
        }
        Reading::WorkflowJinja => {
            let parsed = jinja::Expression::parse(text, environment())?;
            evaluate_jinja(&parsed, &given.state, &given.options)?
        }
        Reading::Template | Reading::TemplateJinja => {
            let parsed = jinja::Expression::parse(text, strict())?;
            parsed.evaluate(strict(), &input(given))?
        }
    };
    defined(finished(value)?).map_err(|error| error.at(&text.into(), 0..text.len()))
}

fn input(given: &Given) -> jinja::Input<'_> {
    let datastore = given.variables.datastore.as_ref();
    jinja::Input {
        names: &given.variables,
        host: datastore.map(|datastore| datastore as &dyn Any),
        limits: given.options.limits,
        seed: given.options.seed,
    }
}

fn defined(value: Value) -> Result<Value, Diagnostic> {
    let Some(undefined) = jinja::Undefined::of(&value) else {
        return Ok(value);
    };
    let mut error = Diagnostic::from(undefined.error());
    error.kind = Kind::Undefined;
    Err(error)
}

/// An expression's error, placed in the text that the expression stands in.
fn in_text(error: ExpressionError, text: &Arc<str>) -> Diagnostic {
    let diagnostic = *error.diagnostic;
    let start = text.find(&error.expression);
    let inside = error.expression.find(&*diagnostic.source_text);
    match (diagnostic.span.clone(), start, inside) {
        (Some(span), Some(start), Some(inside)) => {
            let offset = start + inside;
            Diagnostic {
                span: Some(span.start + offset..span.end + offset),
                source_text: Arc::clone(text),
                ..diagnostic
            }
        }
        _ => diagnostic,
    }
}

/// An error without a place is one of the whole text.
pub(super) fn placed(error: Diagnostic, text: &Arc<str>) -> Diagnostic {
    error.at(text, 0..text.len())
}
