//! Comparisons and `in`.

use std::cmp::Ordering;

use pyvalue::Value;

use super::Scope;
use super::see::Held;
use crate::ast::{Comparison, Expr};
use crate::objects::Markup;
use crate::{Error, Run};

impl Scope<'_> {
    /// `a < b <= c`: each operand is evaluated once, and none after the first that does not hold.
    pub(super) fn compare(
        &self,
        first: &Expr,
        others: &[(Comparison, Expr)],
    ) -> Result<Value, Error> {
        let held = Held::default();
        let mut left = self.see(first, &held)?;
        for (comparison, right) in others {
            let right = self.see(right, &held)?;
            if !self.holds(*comparison, left, right)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(Value::Bool(true))
    }

    fn holds(&self, comparison: Comparison, one: &Value, other: &Value) -> Result<bool, Error> {
        let run = self.run;
        Ok(match comparison {
            Comparison::Equal => run.equal(one, other)?,
            Comparison::NotEqual => !run.equal(one, other)?,
            Comparison::In => run.contains(other, one)?,
            Comparison::NotIn => !run.contains(other, one)?,
            Comparison::Less => run.order(one, other)? == Some(Ordering::Less),
            Comparison::Greater => run.order(one, other)? == Some(Ordering::Greater),
            Comparison::LessEqual => run.order(one, other)?.is_some_and(Ordering::is_le),
            Comparison::GreaterEqual => run.order(one, other)?.is_some_and(Ordering::is_ge),
        })
    }
}

impl Run<'_> {
    /// Python's `item in container`.
    pub fn contains(&self, container: &Value, item: &Value) -> Result<bool, Error> {
        if let Some(text) = text_of(container) {
            let Some(part) = text_of(item) else {
                return Err(Error::type_error(format!(
                    "'in <string>' requires string as left operand, not {}",
                    item.type_name()
                )));
            };
            self.budget().steps(text.len() as u64 / 4096)?;
            return Ok(text.contains(&**part));
        }
        match container {
            Value::Dict(dict) => {
                self.check_key(item)?;
                Ok(dict.get_value(item).is_some())
            }
            Value::Set(set) => {
                self.check_key(item)?;
                Ok(set.contains(item))
            }
            Value::List(_) | Value::Tuple(_) | Value::Object(_) => self.is_among(container, item),
            Value::Bytes(bytes) => match item {
                Value::Int(byte) => Ok(bytes.iter().any(|other| i64::from(*other) == *byte)),
                Value::Bytes(part) => Ok(
                    part.is_empty() || bytes.windows(part.len()).any(|window| *window == **part)
                ),
                _ => Err(Error::type_error(format!(
                    "a bytes-like object is required, not '{}'",
                    item.type_name()
                ))),
            },
            _ => Err(Error::type_error(format!(
                "argument of type '{}' is not iterable",
                container.type_name()
            ))),
        }
    }

    fn is_among(&self, container: &Value, item: &Value) -> Result<bool, Error> {
        for other in self.items(container)? {
            let other = other?;
            if other.is_same(item) || self.equal(&other, item)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn text_of(value: &Value) -> Option<&std::sync::Arc<str>> {
    match value {
        Value::Str(text) => Some(text),
        other => Markup::of(other),
    }
}
