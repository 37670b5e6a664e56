//! Evaluates compiled values. What expressions yield is data, and stays so.

use diagnostic::{Diagnostic, Kind};
use pyvalue::{Budget, Class, Dict, Error, Value};

use super::compile::{Body, Inline, Part};
use super::{
    Compiled, Expression, ExpressionError, Options, State, Statement, engines, find, reevaluate,
};
use crate::frozen::unmark;

impl Statement {
    /// The value with all expressions evaluated.
    ///
    /// A dictionary's keys are evaluated too; of keys that become equal the last wins. Fails with the first expression
    /// that fails, in the order in which the value is written.
    pub fn evaluate(&self, state: &State, options: &Options) -> Result<Value, ExpressionError> {
        Evaluation {
            state,
            options,
            budget: Budget::new(options.limits),
        }
        .part(self.part())
    }
}

/// One evaluation of a statement.
pub(super) struct Evaluation<'e> {
    pub(super) state: &'e State,
    pub(super) options: &'e Options,
    /// For the texts put together here; each expression has a budget of its own.
    pub(super) budget: Budget,
}

impl Evaluation<'_> {
    fn part(&self, part: &Part) -> Result<Value, ExpressionError> {
        match part {
            Part::Constant(value) => Ok(value.clone()),
            Part::Text(text) if self.options.reevaluate => reevaluate::text(self, text),
            Part::Text(text) => self.text(text),
            Part::List(items) => {
                let items: Result<Vec<_>, _> = items.iter().map(|item| self.part(item)).collect();
                items.map(Value::list)
            }
            Part::Dict(members) => self.dict(members).map(Value::Dict),
        }
    }

    fn dict(&self, members: &[(Part, Part)]) -> Result<Dict, ExpressionError> {
        let mut dict = Dict::with_capacity(members.len());
        for (key, value) in members {
            let evaluated = self.part(key)?;
            let value = self.part(value)?;
            if let (Err(error), Part::Text(text)) = (evaluated.check_hashable(), key) {
                return Err(text.error(&text.text, python(error)));
            }
            dict.insert(evaluated, value);
        }
        Ok(dict)
    }

    fn text(&self, text: &Compiled) -> Result<Value, ExpressionError> {
        let expressions = match &text.body {
            Body::Inline(expressions) => expressions,
            Body::Template(template) => {
                let rendered = match template {
                    Ok(template) => engines::render(template, self.state, self.options),
                    Err(error) => Err((**error).clone()),
                };
                return match rendered {
                    Ok(text) => Ok(Value::from(text)),
                    Err(error) => Err(text.error(&text.text, error)),
                };
            }
        };
        if let Some(whole) = text.whole() {
            let value = self.expression(text, whole)?;
            return if jinja::is_undefined(&value) {
                Err(unresolved(text, &[(whole, value)]))
            } else {
                Ok(value)
            };
        }
        let values = self.all(text, expressions)?;
        let missing: Vec<_> = expressions
            .iter()
            .zip(&values)
            .filter(|(_, value)| jinja::is_undefined(value))
            .map(|(inline, value)| (inline, value.clone()))
            .collect();
        if !missing.is_empty() {
            return Err(unresolved(text, &missing));
        }
        self.join(text, expressions, &values)
    }

    /// The values of all expressions of a text. What is written twice is evaluated once.
    fn all(&self, text: &Compiled, expressions: &[Inline]) -> Result<Vec<Value>, ExpressionError> {
        let mut values: Vec<Value> = Vec::with_capacity(expressions.len());
        for inline in expressions {
            values.push(match inline.same {
                Some(same) => values[same].clone(),
                None => self.expression(text, inline)?,
            });
        }
        Ok(values)
    }

    /// The text with the values in place of the expressions.
    fn join(
        &self,
        text: &Compiled,
        expressions: &[Inline],
        values: &[Value],
    ) -> Result<Value, ExpressionError> {
        let mut out = String::new();
        let mut at = 0;
        for (inline, value) in expressions.iter().zip(values) {
            out.push_str(&text.text[at..inline.range.start]);
            at = inline.range.end;
            out.push_str(&self.text_of(text, inline, value)?);
        }
        out.push_str(&text.text[at..]);
        Ok(Value::from(out))
    }

    /// The text of a value in place of its expression.
    pub(super) fn text_of(
        &self,
        text: &Compiled,
        inline: &Inline,
        value: &Value,
    ) -> Result<String, ExpressionError> {
        let written = value.to_text();
        let charged = written.and_then(|written| {
            self.budget.charge(written.len())?;
            Ok(written)
        });
        charged.map_err(|error| text.error(text.source(inline), python(error)))
    }

    /// The value of one expression; of Jinja's it may be undefined.
    pub(super) fn expression(
        &self,
        text: &Compiled,
        inline: &Inline,
    ) -> Result<Value, ExpressionError> {
        let value = match &inline.expression {
            Expression::Yaql(Ok(expression)) => {
                engines::evaluate_yaql(expression, &Value::None, self.state, self.options)
            }
            Expression::Jinja(Ok(expression)) => {
                engines::evaluate_jinja(expression, self.state, self.options).and_then(finished)
            }
            Expression::Yaql(Err(error)) | Expression::Jinja(Err(error)) => Err((**error).clone()),
        };
        value.map_err(|error| text.error(text.source(inline), error))
    }
}

/// Generators become lists, and texts that are marked as safe in HTML become texts.
pub(crate) fn finished(value: Value) -> Result<Value, Diagnostic> {
    let items = match &value {
        Value::Object(object) if object.type_name() == "generator" => object.iterate(),
        _ => None,
    };
    match items {
        Some(items) => items.map(Value::list).map(unmark).map_err(python),
        None => Ok(unmark(value)),
    }
}

/// Python's error as an expression's.
pub(super) fn python(error: Error) -> Diagnostic {
    let kind = match error.class {
        Class::Type => Kind::Type,
        Class::Undefined | Class::Key => Kind::Undefined,
        Class::Limit => Kind::Limit,
        _ => Kind::Other,
    };
    Diagnostic::new(kind, error.message)
}

/// Expressions of Jinja whose whole value is undefined.
fn unresolved(text: &Compiled, missing: &[(&Inline, Value)]) -> ExpressionError {
    let names: Vec<&str> = missing
        .iter()
        .map(|(inline, _)| find::inside(text.source(inline), text.language))
        .collect();
    let (first, value) = &missing[0];
    let mut diagnostic = match jinja::Undefined::of(value) {
        Some(undefined) => undefined.error().into(),
        None => Diagnostic::new(Kind::Undefined, "the value is undefined"),
    };
    diagnostic.kind = Kind::Undefined;
    if names.len() > 1 {
        diagnostic = diagnostic.note(format!("undefined are `{}`", names.join("`, `")));
    }
    let source = names[0];
    let diagnostic = diagnostic.at(&source.into(), 0..source.len());
    text.error(text.source(first), diagnostic)
}

impl Compiled {
    pub(super) fn error(&self, expression: &str, diagnostic: Diagnostic) -> ExpressionError {
        ExpressionError::new(self.language, expression, diagnostic)
    }
}
