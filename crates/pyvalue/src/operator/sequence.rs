//! Sequences joined and repeated.

use num_traits::{Signed as _, ToPrimitive as _};

use super::{Outcome, unsupported};
use crate::number::as_big;
use crate::{Budget, Class, Error, List, Value};

pub(super) fn joined(a: &List, b: &List, budget: &Budget) -> Result<List, Error> {
    budget.charge((a.len() + b.len()).saturating_mul(size_of::<Value>()))?;
    Ok(a.iter().chain(b).cloned().collect())
}

/// A sequence a number of times; a negative number is none.
pub(super) fn repeat(sequence: &Value, times: &Value, budget: &Budget) -> Outcome {
    let Some(count) = as_big(times) else {
        return Err(Error::type_error(format!(
            "can't multiply sequence by non-int of type '{}'",
            times.type_name()
        )));
    };
    let count = if count.is_negative() {
        0
    } else {
        count.to_usize().ok_or_else(|| {
            Error::new(
                Class::Overflow,
                "cannot fit 'int' into an index-sized integer",
            )
        })?
    };
    let charge = |length: usize, size: usize| {
        budget.charge(length.saturating_mul(count).saturating_mul(size))
    };
    match sequence {
        Value::Str(text) => {
            charge(text.len(), 1)?;
            Ok(Value::from(text.repeat(count)))
        }
        Value::Bytes(bytes) => {
            charge(bytes.len(), 1)?;
            Ok(Value::Bytes(bytes.repeat(count).into()))
        }
        Value::List(items) => {
            charge(items.len(), size_of::<Value>())?;
            Ok(Value::list(cycle(items, count)))
        }
        Value::Tuple(items) => {
            charge(items.len(), size_of::<Value>())?;
            Ok(Value::tuple(cycle(items, count)))
        }
        other => Err(unsupported("*", other, times)),
    }
}

/// Items a number of times.
fn cycle(items: &[Value], count: usize) -> Vec<Value> {
    items
        .iter()
        .cycle()
        .take(items.len() * count)
        .cloned()
        .collect()
}
