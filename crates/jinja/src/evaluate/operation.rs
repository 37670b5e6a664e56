//! Arithmetic, and writing values as text.

use std::borrow::Cow;

use pyvalue::{Value, operator};

use super::Scope;
use super::see::Held;
use crate::ast::{Expr, Operator};
use crate::objects::Markup;
use crate::{Error, Undefined, filters};

type Outcome = Result<Value, Error>;

impl Scope<'_> {
    pub(super) fn negative(&self, value: &Value) -> Outcome {
        self.run.check_defined(value)?;
        Ok(operator::negate(value)?)
    }

    pub(super) fn positive(&self, value: &Value) -> Outcome {
        self.run.check_defined(value)?;
        Ok(operator::positive(value)?)
    }

    pub(super) fn arithmetic(&self, first: &Expr, others: &[(Operator, Expr)]) -> Outcome {
        let held = Held::default();
        let mut result = Cow::Borrowed(self.see(first, &held)?);
        for (symbol, other) in others {
            let held = Held::default();
            let other = self.see(other, &held)?;
            result = Cow::Owned(self.operate(*symbol, &result, other)?);
        }
        Ok(result.into_owned())
    }

    fn operate(&self, symbol: Operator, one: &Value, other: &Value) -> Outcome {
        let budget = self.run.budget();
        if let (Operator::Modulo, Value::Str(template)) = (symbol, one) {
            return self.percent(template, other);
        }
        if let (Value::Object(_), _) | (_, Value::Object(_)) = (one, other) {
            self.run.check_defined(one)?;
            self.run.check_defined(other)?;
            if let Some(result) = self.operate_marked(symbol, one, other) {
                return result;
            }
        }
        let result = match symbol {
            Operator::Add => operator::add(one, other, budget),
            Operator::Subtract => operator::subtract(one, other, budget),
            Operator::Multiply => operator::multiply(one, other, budget),
            Operator::Divide => operator::divide(one, other, budget),
            Operator::FloorDivide => operator::floor_divide(one, other, budget),
            Operator::Modulo => operator::modulo(one, other, budget),
            Operator::Power => operator::power(one, other, budget),
        };
        Ok(result?)
    }

    /// `template % arguments`
    fn percent(&self, template: &str, arguments: &Value) -> Outcome {
        self.run.charge_text(arguments)?;
        let budget = self.run.budget();
        let text = pyvalue::format::percent(template, arguments, budget);
        match (text, Undefined::of(arguments)) {
            (Ok(text), _) => Ok(text.into()),
            (Err(error), None) => Err(error.into()),
            // Python takes an undefined value for a mapping: where nothing is asked of it, it may be there.
            (Err(_), Some(undefined)) => {
                let nothing = Value::tuple(Vec::new());
                pyvalue::format::percent(template, &nothing, budget)
                    .map(Value::from)
                    .map_err(|_| self.run.undefined_error(undefined))
            }
        }
    }

    /// Operators on marked texts: what is not marked is escaped.
    fn operate_marked(&self, symbol: Operator, one: &Value, other: &Value) -> Option<Outcome> {
        let (marked_one, marked_other) = (Markup::of(one), Markup::of(other));
        if marked_one.is_none() && marked_other.is_none() {
            return None;
        }
        let budget = self.run.budget();
        let is_text = |value: &Value| matches!(value, Value::Str(_)) || Markup::of(value).is_some();
        match symbol {
            Operator::Add if is_text(one) && is_text(other) => Some((|| {
                let mut out = String::new();
                self.write(one, true, &mut out)?;
                self.write(other, true, &mut out)?;
                Ok(Markup::value(out))
            })()),
            Operator::Multiply => {
                let (text, times) = match (marked_one, marked_other) {
                    (Some(text), None) => (text, other),
                    (None, Some(text)) => (text, one),
                    _ => return None,
                };
                let product = operator::multiply(&Value::Str(text.clone()), times, budget);
                Some(match product {
                    Ok(Value::Str(text)) => Ok(Markup::value(text)),
                    Ok(value) => Ok(value),
                    Err(error) => Err(error.into()),
                })
            }
            Operator::Modulo => marked_one.map(|template| {
                self.run.charge_text(other)?;
                let arguments = self.escaped(other)?;
                let text = pyvalue::format::percent(template, &arguments, budget)?;
                Ok(Markup::value(text))
            }),
            _ => None,
        }
    }

    /// Texts in the arguments of a format, escaped.
    fn escaped(&self, value: &Value) -> Outcome {
        Ok(match value {
            Value::Str(text) => filters::escape(text, self.run.budget())?.into(),
            Value::Tuple(items) => {
                let items: Result<Vec<Value>, Error> =
                    items.iter().map(|item| self.escaped(item)).collect();
                Value::tuple(items?)
            }
            other => match Markup::of(other) {
                Some(text) => Value::Str(text.clone()),
                None => other.clone(),
            },
        })
    }

    /// Appends a value's text; what is not marked as safe is escaped where that is asked for.
    pub(super) fn write(
        &self,
        value: &Value,
        escapes: bool,
        out: &mut String,
    ) -> Result<(), Error> {
        match value {
            Value::Str(text) if !escapes => {
                self.run.budget().charge(text.len())?;
                out.push_str(text);
            }
            Value::Object(_) => {
                self.run.check_usable(value)?;
                if let Some(text) = Markup::of(value) {
                    self.run.budget().charge(text.len())?;
                    out.push_str(text);
                } else {
                    let text = self.run.text(value)?;
                    self.write_text(&text, escapes, out)?;
                }
            }
            other if escapes => {
                let text = self.run.text(other)?;
                self.write_text(&text, true, out)?;
            }
            other => {
                self.run.charge_text(other)?;
                other.write_text(out)?;
            }
        }
        Ok(())
    }

    fn write_text(&self, text: &str, escapes: bool, out: &mut String) -> Result<(), Error> {
        if escapes {
            out.push_str(&filters::escape(text, self.run.budget())?);
        } else {
            out.push_str(text);
        }
        Ok(())
    }
}
