//! Expressions.

use pyvalue::{Dict, Value, text::resolve_slice};

use super::Scope;
use super::see::Held;
use crate::Error;
use crate::ast::{Applied, Expr, ExprKind};
use crate::objects::Markup;

type Outcome = Result<Value, Error>;

impl Scope<'_> {
    pub(super) fn value(&self, expression: &Expr) -> Outcome {
        match &expression.kind {
            ExprKind::Constant(_)
            | ExprKind::Name(_)
            | ExprKind::Attribute(..)
            | ExprKind::Item(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Conditional(_) => {
                let held = Held::default();
                self.see(expression, &held).cloned()
            }
            _ => self
                .made(expression)
                .map_err(|error| self.at(error, expression.span)),
        }
    }

    /// The value of an expression that makes a new one.
    fn made(&self, expression: &Expr) -> Outcome {
        self.run.budget().step()?;
        let _level = self.level()?;
        match &expression.kind {
            ExprKind::Slice(slice) => self.slice(&slice.0, &slice.1),
            ExprKind::Call(call) => self.call(&call.0, &call.1, None),
            ExprKind::Filter(applied) => self.filter(applied, None),
            ExprKind::Test(applied) => self.test(applied),
            ExprKind::List(items) => self.checked(Value::list(self.values(items)?)),
            ExprKind::Tuple(items) => self.checked(Value::tuple(self.values(items)?)),
            ExprKind::Dict(members) => self.dict(members),
            ExprKind::Not(inner) => Ok(Value::Bool(!self.truth(inner)?)),
            ExprKind::Negative(inner) => self.negative(&self.value(inner)?),
            ExprKind::Positive(inner) => self.positive(&self.value(inner)?),
            ExprKind::Arithmetic(first, others) => self.arithmetic(first, others),
            ExprKind::Compare(first, others) => self.compare(first, others),
            ExprKind::Concat(parts) => self.concat(parts),
            _ => self.value(expression),
        }
    }

    pub(super) fn values(&self, expressions: &[Expr]) -> Result<Vec<Value>, Error> {
        expressions
            .iter()
            .map(|expression| self.value(expression))
            .collect()
    }

    fn checked(&self, container: Value) -> Outcome {
        self.run.budget().charge_container(&container)?;
        Ok(container)
    }

    fn dict(&self, members: &[(Expr, Expr)]) -> Outcome {
        let mut pairs = Vec::with_capacity(members.len());
        for (key, value) in members {
            pairs.push((self.value(key)?, self.value(value)?));
        }
        let mut dict = Dict::with_capacity(members.len());
        for ((key, value), (source, _)) in pairs.into_iter().zip(members) {
            self.run
                .check_key(&key)
                .map_err(|error| self.at(error, source.span))?;
            dict.insert(key, value);
        }
        self.checked(Value::Dict(dict))
    }

    fn slice(&self, subject: &Expr, parts: &[Option<Expr>; 3]) -> Outcome {
        let subject = self.value(subject)?;
        self.run.check_defined(&subject)?;
        let mut bounds = [None; 3];
        for (bound, part) in bounds.iter_mut().zip(parts) {
            if let Some(part) = part {
                *bound = slice_bound(&self.value(part)?)?;
            }
        }
        let [start, end, step] = bounds;
        match &subject {
            Value::Str(text) => {
                self.run.budget().charge(text.len())?;
                Ok(pyvalue::text::slice(text, start, end, step)?.into())
            }
            Value::List(items) => Ok(Value::list(self.slice_items(items, bounds)?)),
            Value::Tuple(items) => Ok(Value::tuple(self.slice_items(items, bounds)?)),
            Value::Bytes(bytes) => {
                let (first, count, apart) = resolve_slice(bytes.len(), start, end, step)?;
                self.run.budget().charge(count)?;
                Ok(Value::Bytes(
                    steps(first, count, apart).map(|at| bytes[at]).collect(),
                ))
            }
            Value::Dict(_) => Err(Error::type_error("unhashable type: 'slice'")),
            Value::Object(object) => {
                if let Some(text) = Markup::of(&subject) {
                    return Ok(Markup::value(pyvalue::text::slice(text, start, end, step)?));
                }
                if let Some(sliced) = crate::globals::slice_range(&subject, bounds)? {
                    return Ok(sliced);
                }
                if object.attribute("__getitem__").is_some() {
                    let items: Result<Vec<Value>, Error> = self.run.items(&subject)?.collect();
                    return Ok(Value::list(self.slice_items(&items?, bounds)?));
                }
                Err(not_subscriptable(&subject))
            }
            _ => Err(not_subscriptable(&subject)),
        }
    }

    fn slice_items(&self, items: &[Value], bounds: [Option<i64>; 3]) -> Result<Vec<Value>, Error> {
        let [start, end, step] = bounds;
        let (first, count, apart) = resolve_slice(items.len(), start, end, step)?;
        self.run
            .budget()
            .charge(count.saturating_mul(size_of::<Value>()))?;
        self.run.budget().steps(count as u64)?;
        Ok(steps(first, count, apart)
            .map(|at| items[at].clone())
            .collect())
    }

    /// `a ~ b`: the texts of its parts, one after the other.
    fn concat(&self, parts: &[Expr]) -> Outcome {
        let mut out = String::new();
        let escapes = self.run.autoescapes();
        let held = Held::default();
        let values: Result<Vec<&Value>, Error> =
            parts.iter().map(|part| self.see(part, &held)).collect();
        for (value, part) in values?.into_iter().zip(parts) {
            self.write(value, escapes, &mut out)
                .map_err(|error| self.at(error, part.span))?;
        }
        Ok(if escapes {
            Markup::value(out)
        } else {
            Value::from(out)
        })
    }

    /// Applies a filter; `block` is what it is applied to where it has no subject of its own.
    pub(super) fn filter(&self, applied: &Applied, block: Option<&Value>) -> Outcome {
        let subject = match (&applied.subject, block) {
            (Some(subject), Some(_)) if applies_to_block(subject) => {
                let ExprKind::Filter(inner) = &subject.kind else {
                    return Ok(Value::None);
                };
                self.filter(inner, block)?
            }
            (Some(subject), _) => self.value(subject)?,
            (None, block) => block.cloned().unwrap_or_default(),
        };
        let Some(function) = &applied.function else {
            // The error says where, and what is near.
            let error = self.run.environment().find_filter(&applied.name);
            return match error {
                Ok(function) => self.apply(function, subject, &applied.arguments),
                Err(error) => Err(self.at(error, applied.name_span)),
            };
        };
        self.apply(function, subject, &applied.arguments)
    }

    fn test(&self, applied: &Applied) -> Outcome {
        let subject = match &applied.subject {
            Some(subject) => self.value(subject)?,
            None => Value::None,
        };
        match &applied.function {
            Some(function) => self.apply(function, subject, &applied.arguments),
            None => match self.run.environment().find_test(&applied.name) {
                Ok(function) => self.apply(function, subject, &applied.arguments),
                Err(error) => Err(self.at(error, applied.name_span)),
            },
        }
    }
}

/// Whether a filter is applied to the block of a `{% filter %}`, perhaps through others.
fn applies_to_block(expression: &Expr) -> bool {
    match &expression.kind {
        ExprKind::Filter(applied) => applied.subject.as_ref().is_none_or(applies_to_block),
        _ => false,
    }
}

/// `count` places from `first` on, `step` apart.
fn steps(first: usize, count: usize, step: i64) -> impl Iterator<Item = usize> {
    let apart = usize::try_from(step.unsigned_abs()).unwrap_or(usize::MAX);
    (0..count).map(move |at| {
        let offset = at.saturating_mul(apart);
        if step < 0 {
            first.saturating_sub(offset)
        } else {
            first.saturating_add(offset)
        }
    })
}

fn slice_bound(value: &Value) -> Result<Option<i64>, Error> {
    match value {
        Value::None => Ok(None),
        Value::Int(number) => Ok(Some(*number)),
        Value::Bool(truth) => Ok(Some(i64::from(*truth))),
        Value::Big(number) if **number < pyvalue::BigInt::default() => Ok(Some(i64::MIN)),
        Value::Big(_) => Ok(Some(i64::MAX)),
        _ => Err(Error::type_error(
            "slice indices must be integers or None or have an __index__ method",
        )),
    }
}

fn not_subscriptable(value: &Value) -> Error {
    Error::type_error(format!(
        "'{}' object is not subscriptable",
        value.type_name()
    ))
}
