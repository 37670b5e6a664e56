//! What printing and comparing cost, asked before it is done: a small value may hold one list a million times.

use pyvalue::Value;

use super::Run;
use crate::Error;
use crate::filters::Group;
use crate::methods::View;
use crate::objects::{Markup, Namespace};

/// Bytes of texts and large integers that are looked at in a step.
const BYTES_A_STEP: u64 = 1024;

impl Run<'_> {
    /// Charges the bytes of a value's text, nearly, and a step for each value in it.
    pub(crate) fn charge_text(&self, value: &Value) -> Result<(), Error> {
        let budget = self.budget();
        match value {
            Value::Str(text) => budget.charge(text.len())?,
            Value::Bytes(bytes) => budget.charge(bytes.len())?,
            Value::Big(number) => {
                // Printing takes the square of the length.
                let words = number.bits() / 64;
                budget.steps(words.saturating_mul(words) / 1024)?;
                budget.charge(usize::try_from(number.bits() / 3).unwrap_or(usize::MAX))?;
            }
            Value::List(items) | Value::Tuple(items) => {
                items.iter().try_for_each(|item| self.charge_inner(item))?;
            }
            Value::Dict(dict) => {
                for (key, value) in dict.iter() {
                    self.charge_inner(key)?;
                    self.charge_inner(value)?;
                }
            }
            Value::Set(set) => set.iter().try_for_each(|item| self.charge_inner(item))?,
            Value::Object(object) => {
                if let Some(text) = Markup::of(value) {
                    budget.charge(text.len())?;
                } else if let Some(view) = object.downcast::<View>() {
                    self.charge_inner(&Value::Dict(view.dict().clone()))?;
                } else if let Some(group) = object.downcast::<Group>() {
                    self.charge_inner(&group.tuple())?;
                } else if let Some(namespace) = object.downcast::<Namespace>() {
                    // What it holds may have grown since it was put where it is.
                    let charged = namespace.shown(|members| self.charge_inner(&members.into()));
                    charged.unwrap_or(Ok(()))?;
                } else {
                    budget.charge(64)?;
                }
            }
            _ => budget.charge(24)?,
        }
        Ok(())
    }

    fn charge_inner(&self, value: &Value) -> Result<(), Error> {
        self.budget().step()?;
        self.charge_text(value)
    }

    /// Takes the steps of comparing two values: as many as the lighter of them takes.
    pub(crate) fn charge_comparison(&self, one: &Value, other: &Value) -> Result<(), Error> {
        let budget = self.budget();
        budget.step()?;
        match (one, other) {
            (Value::Str(one), Value::Str(other)) => {
                let length = one.len().min(other.len());
                budget.steps(length as u64 / BYTES_A_STEP)?;
            }
            (Value::Big(_), _) | (_, Value::Big(_)) => {
                let weight = one.weight().min(other.weight());
                budget.steps(weight / BYTES_A_STEP)?;
            }
            (
                Value::List(_)
                | Value::Tuple(_)
                | Value::Dict(_)
                | Value::Set(_)
                | Value::Object(_),
                _,
            ) if !one.is_same(other) => {
                budget.walk(if one.weight() < other.weight() {
                    one
                } else {
                    other
                })?;
            }
            _ => {}
        }
        Ok(())
    }

    /// Fails where Python cannot hash a key; takes the steps of hashing it.
    pub(crate) fn check_key(&self, key: &Value) -> Result<(), Error> {
        let budget = self.budget();
        match key {
            Value::Str(text) => return Ok(budget.steps(text.len() as u64 / BYTES_A_STEP)?),
            Value::Tuple(_) => budget.walk(key)?,
            Value::Object(object) => {
                self.check_usable(key)?;
                if let Some(group) = object.downcast::<Group>() {
                    return self.check_key(&group.tuple());
                }
                if object.downcast::<View>().is_some() {
                    return Err(Error::type_error(format!(
                        "unhashable type: '{}'",
                        key.type_name()
                    )));
                }
            }
            _ => budget.steps(key.weight() / BYTES_A_STEP)?,
        }
        Ok(key.check_hashable()?)
    }
}
