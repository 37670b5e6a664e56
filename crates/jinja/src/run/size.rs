//! What printing and comparing cost, asked before it is done: a small value may hold one list a million times.

use pyvalue::Value;

use super::Run;
use crate::Error;
use crate::objects::Namespace;

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
                if let Some(namespace) = object.downcast::<Namespace>() {
                    let members = namespace.members();
                    for value in members
                        .values()
                        .filter(|value| !matches!(value, Value::Object(_)))
                    {
                        self.charge_inner(value)?;
                    }
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

    /// Takes the steps of comparing two values: as many as the smaller of them has parts.
    pub(crate) fn charge_comparison(&self, one: &Value, other: &Value) -> Result<(), Error> {
        self.budget().step()?;
        match (one, other) {
            (Value::Str(one), Value::Str(other)) => {
                let length = one.len().min(other.len()) / 4096;
                Ok(self.budget().steps(length as u64)?)
            }
            (Value::List(_), Value::List(_))
            | (Value::Tuple(_), Value::Tuple(_))
            | (Value::Dict(_), Value::Dict(_))
            | (Value::Set(_), Value::Set(_))
                if !one.is_same(other) =>
            {
                self.count(one)
            }
            _ => Ok(()),
        }
    }

    /// Takes a step for each value in a value.
    pub(crate) fn count(&self, value: &Value) -> Result<(), Error> {
        self.budget().step()?;
        match value {
            Value::List(items) | Value::Tuple(items) => {
                items.iter().try_for_each(|item| self.count(item))
            }
            Value::Dict(dict) => dict.values().try_for_each(|value| self.count(value)),
            _ => Ok(()),
        }
    }
}
