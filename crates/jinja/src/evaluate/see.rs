//! Looking at values without keeping them: what an expression leads to is borrowed from where it stands.

use std::borrow::Cow;
use std::cell::OnceCell;

use pyvalue::Value;

use super::Scope;
use crate::ast::{Conditional, Expr, ExprKind, Name, Place};
use crate::{Error, Undefined};

/// Longer expressions are not repeated in messages.
const LONGEST_OWNER: usize = 60;

/// What had to be made while an expression was looked at; it lives as long as the look.
#[derive(Default)]
pub(super) struct Held {
    value: OnceCell<Value>,
    others: OnceCell<Box<Held>>,
}

impl Held {
    fn keep(&self, value: Value) -> &Value {
        if self.value.get().is_some() {
            return self.others.get_or_init(Box::default).keep(value);
        }
        self.value.get_or_init(|| value)
    }
}

impl<'s> Scope<'s> {
    /// The value of an expression: borrowed where variables, dictionaries and lists hold it, else kept by `held`.
    pub(super) fn see<'v>(&self, expression: &'v Expr, held: &'v Held) -> Result<&'v Value, Error>
    where
        's: 'v,
    {
        match &expression.kind {
            ExprKind::Constant(value) => {
                self.run.budget().step()?;
                Ok(value)
            }
            ExprKind::Name(name) => {
                self.run.budget().step()?;
                Ok(self.see_name(name, held))
            }
            ExprKind::Attribute(..)
            | ExprKind::Item(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Conditional(_) => self
                .see_through(expression, held)
                .map_err(|error| self.at(error, expression.span)),
            _ => Ok(held.keep(self.value(expression)?)),
        }
    }

    fn see_name<'v>(&self, name: &'v Name, held: &'v Held) -> &'v Value
    where
        's: 'v,
    {
        // Most names are variables: the answer is looked at where it is, and never moved.
        if name.place == Place::Input {
            match self.run.variable(&name.text) {
                Some(Cow::Borrowed(value)) => return value,
                Some(Cow::Owned(value)) => return held.keep(value),
                None => {}
            }
        }
        match self.lookup(&name.text, name.place) {
            Some(Cow::Borrowed(value)) => value,
            Some(Cow::Owned(value)) => held.keep(value),
            None => held.keep(self.run.undefined_variable(&name.text)),
        }
    }

    /// Expressions whose value is one that stands somewhere already, as a rule.
    fn see_through<'v>(&self, expression: &'v Expr, held: &'v Held) -> Result<&'v Value, Error>
    where
        's: 'v,
    {
        self.run.budget().step()?;
        let _level = self.level()?;
        match &expression.kind {
            ExprKind::Attribute(subject, name) => self.see_attribute(subject, name, held),
            ExprKind::Item(pair) => self.see_item(&pair.0, &pair.1, held),
            ExprKind::And(operands) => self.first_of_truth(operands, false, held),
            ExprKind::Or(operands) => self.first_of_truth(operands, true, held),
            ExprKind::Conditional(conditional) => self.conditional(conditional, held),
            _ => Ok(held.keep(self.value(expression)?)),
        }
    }

    fn see_attribute<'v>(
        &self,
        subject: &'v Expr,
        name: &str,
        held: &'v Held,
    ) -> Result<&'v Value, Error>
    where
        's: 'v,
    {
        let value = self.see(subject, held)?;
        if let Value::Dict(dict) = value
            && !is_attribute_of_dict(name)
            && let Some(found) = dict.get(name)
        {
            return Ok(found);
        }
        let found = self.run.attribute(value, name);
        let found = found.map_err(|error| self.at(error, subject.span))?;
        Ok(held.keep(self.owned(found, subject)))
    }

    fn see_item<'v>(
        &self,
        subject: &'v Expr,
        key: &'v Expr,
        held: &'v Held,
    ) -> Result<&'v Value, Error>
    where
        's: 'v,
    {
        let value = self.see(subject, held)?;
        let key = self.see(key, held)?;
        let found = match (value, key) {
            (Value::Dict(dict), Value::Str(key)) => dict.get(key),
            (Value::List(items) | Value::Tuple(items), Value::Int(at)) => {
                usize::try_from(*at).ok().and_then(|at| items.get(at))
            }
            _ => None,
        };
        if let Some(found) = found {
            return Ok(found);
        }
        let found = self.run.item(value, key);
        let found = found.map_err(|error| self.at(error, subject.span))?;
        Ok(held.keep(self.owned(found, subject)))
    }

    /// `and`, `or`: the first operand whose truth is `wanted`, else the last.
    fn first_of_truth<'v>(
        &self,
        operands: &'v [Expr],
        wanted: bool,
        held: &'v Held,
    ) -> Result<&'v Value, Error>
    where
        's: 'v,
    {
        let Some((last, others)) = operands.split_last() else {
            return Ok(held.keep(Value::None));
        };
        for operand in others {
            let value = self.see(operand, held)?;
            let truth = self.run.is_true(value);
            if truth.map_err(|error| self.at(error, operand.span))? == wanted {
                return Ok(value);
            }
        }
        self.see(last, held)
    }

    fn conditional<'v>(
        &self,
        conditional: &'v Conditional,
        held: &'v Held,
    ) -> Result<&'v Value, Error>
    where
        's: 'v,
    {
        if self.truth(&conditional.test)? {
            return self.see(&conditional.then, held);
        }
        match &conditional.otherwise {
            Some(otherwise) => self.see(otherwise, held),
            None => Ok(held.keep(Value::object(Undefined::hint(
                "the inline `if` is false and has no `else`",
                false,
            )))),
        }
    }

    /// Python's truth of an expression.
    pub(super) fn truth(&self, expression: &Expr) -> Result<bool, Error> {
        let held = Held::default();
        let value = self.see(expression, &held)?;
        self.run
            .is_true(value)
            .map_err(|error| self.at(error, expression.span))
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
