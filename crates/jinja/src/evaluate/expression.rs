//! Expressions.

use pyvalue::{Dict, Value, text::resolve_slice};

use super::Scope;
use crate::ast::{Applied, Conditional, Expr, ExprKind};
use crate::objects::Markup;
use crate::{Error, Undefined};

/// Longer expressions are not repeated in messages.
const LONGEST_OWNER: usize = 60;

type Outcome = Result<Value, Error>;

impl Scope<'_> {
    pub(super) fn value(&self, expression: &Expr) -> Outcome {
        if let ExprKind::Attribute(..) | ExprKind::Item(_) = &expression.kind {
            let mut root = None;
            if let Some(found) = self.member(expression, &mut root) {
                self.run.budget().steps(expression.depth.into())?;
                return Ok(found.clone());
            }
        }
        let outcome = match &expression.kind {
            ExprKind::Constant(value) => {
                self.run.budget().step()?;
                return Ok(value.clone());
            }
            ExprKind::Name(name) => {
                self.run.budget().step()?;
                return Ok(self.name(name));
            }
            _ => self.composed(expression),
        };
        outcome.map_err(|error| self.at(error, expression.span))
    }

    fn composed(&self, expression: &Expr) -> Outcome {
        self.run.budget().step()?;
        let _level = self.level()?;
        match &expression.kind {
            ExprKind::Constant(value) => Ok(value.clone()),
            ExprKind::Name(name) => Ok(self.name(name)),
            ExprKind::Attribute(subject, name) => {
                let found = self
                    .borrowed(subject, |value| self.run.attribute(value, name))
                    .map_err(|error| self.at(error, subject.span))?;
                Ok(self.owned(found, subject))
            }
            ExprKind::Item(pair) => {
                let found = self.item(&pair.0, &pair.1)?;
                Ok(self.owned(found, &pair.0))
            }
            ExprKind::Slice(slice) => self.slice(&slice.0, &slice.1),
            ExprKind::Call(call) => self.call(&call.0, &call.1, None),
            ExprKind::Filter(applied) => self.filter(applied, None),
            ExprKind::Test(applied) => self.test(applied),
            ExprKind::List(items) => self.checked(Value::list(self.values(items)?)),
            ExprKind::Tuple(items) => self.checked(Value::tuple(self.values(items)?)),
            ExprKind::Dict(members) => self.dict(members),
            ExprKind::Not(inner) => {
                let value = self.value(inner)?;
                Ok(Value::Bool(!self.run.is_true(&value)?))
            }
            ExprKind::Negative(inner) => self.negative(&self.value(inner)?),
            ExprKind::Positive(inner) => self.positive(&self.value(inner)?),
            ExprKind::Arithmetic(first, others) => self.arithmetic(first, others),
            ExprKind::And(operands) => self.first_of_truth(operands, false),
            ExprKind::Or(operands) => self.first_of_truth(operands, true),
            ExprKind::Compare(first, others) => self.compare(first, others),
            ExprKind::Concat(parts) => self.concat(parts),
            ExprKind::Conditional(conditional) => self.conditional(conditional),
        }
    }

    /// Shows a value without keeping it: paths of attributes borrow from the dictionaries they lead through.
    pub(super) fn borrowed<T>(
        &self,
        expression: &Expr,
        look: impl FnOnce(&Value) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut root = None;
        if let Some(found) = self.member(expression, &mut root) {
            self.run.budget().steps(expression.depth.into())?;
            return look(found);
        }
        look(&self.value(expression)?)
    }

    /// What a path of plain keys leads to, through dictionaries and lists only; `root` keeps what the path begins with.
    fn member<'v>(&self, expression: &'v Expr, root: &'v mut Option<Value>) -> Option<&'v Value> {
        match &expression.kind {
            ExprKind::Constant(value) => Some(value),
            ExprKind::Name(name) => {
                *root = self.lookup(&name.text, name.place);
                root.as_ref()
            }
            ExprKind::Attribute(subject, name) => match self.member(subject, root)? {
                Value::Dict(dict) if !is_attribute_of_dict(name) => dict.get(name),
                _ => None,
            },
            ExprKind::Item(pair) => match (&pair.1.kind, self.member(&pair.0, root)?) {
                (ExprKind::Constant(Value::Str(key)), Value::Dict(dict)) => dict.get(key),
                (ExprKind::Constant(Value::Int(at)), Value::List(items)) => {
                    items.get(usize::try_from(*at).ok()?)
                }
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn values(&self, expressions: &[Expr]) -> Result<Vec<Value>, Error> {
        expressions
            .iter()
            .map(|expression| self.value(expression))
            .collect()
    }

    pub(super) fn truth(&self, expression: &Expr) -> Result<bool, Error> {
        self.borrowed(expression, |value| self.run.is_true(value))
            .map_err(|error| self.at(error, expression.span))
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
                .check_usable(&key)
                .and_then(|()| Ok(key.check_hashable()?))
                .map_err(|error| self.at(error, source.span))?;
            dict.insert(key, value);
        }
        self.checked(Value::Dict(dict))
    }

    fn item(&self, subject: &Expr, key: &Expr) -> Outcome {
        let value = self.value(subject)?;
        let key = self.value(key)?;
        self.run
            .item(&value, &key)
            .map_err(|error| self.at(error, subject.span))
    }

    /// A value looked up; an undefined one learns what the template calls its owner.
    fn owned(&self, found: Value, owner: &Expr) -> Value {
        let Some(undefined) = Undefined::of(&found) else {
            return found;
        };
        let text = &self.run.memory.text[owner.span.range()];
        match undefined.owned_by(text) {
            Some(undefined) if text.len() <= LONGEST_OWNER => Value::object(undefined),
            _ => found,
        }
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

    /// `and`, `or`: the first operand whose truth is `wanted`, else the last.
    fn first_of_truth(&self, operands: &[Expr], wanted: bool) -> Outcome {
        let Some((last, others)) = operands.split_last() else {
            return Ok(Value::None);
        };
        for operand in others {
            let value = self.value(operand)?;
            let truth = self
                .run
                .is_true(&value)
                .map_err(|error| self.at(error, operand.span))?;
            if truth == wanted {
                return Ok(value);
            }
        }
        self.value(last)
    }

    fn conditional(&self, conditional: &Conditional) -> Outcome {
        if self.truth(&conditional.test)? {
            return self.value(&conditional.then);
        }
        match &conditional.otherwise {
            Some(otherwise) => self.value(otherwise),
            None => Ok(Value::object(Undefined::hint(
                "the inline `if` is false and has no `else`",
                false,
            ))),
        }
    }

    /// `a ~ b`: the texts of its parts, one after the other.
    fn concat(&self, parts: &[Expr]) -> Outcome {
        let mut out = String::new();
        let escapes = self.run.autoescapes();
        for (value, part) in self.values(parts)?.iter().zip(parts) {
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

/// Whether Python's dictionaries have an attribute of that name: it comes before a key.
fn is_attribute_of_dict(name: &str) -> bool {
    name.starts_with('_')
        || matches!(
            name,
            "clear"
                | "copy"
                | "fromkeys"
                | "get"
                | "items"
                | "keys"
                | "pop"
                | "popitem"
                | "setdefault"
                | "update"
                | "values"
        )
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
