//! Dictionaries merged, those inside of them too.

use pyvalue::{Dict, Value};

use super::super::values::{self, SLOT, Seen, position};
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::lambda::Lambda;

pub(crate) const FUNCTIONS: &[Function] = &[Function::method(
    "mergeWith",
    &[
        Param::new("dict", Type::Dict),
        Param::new("another", Type::Dict),
        Param::lambda("listMerger").or_null(),
        Param::lambda("itemMerger").or_null(),
        Param::new("maxLevels", Type::Int).or_int(0),
    ],
    merge_with,
)];

/// How lists, and anything else, become one.
struct Merge<'m> {
    run: &'m Run<'m>,
    lists: Option<&'m Lambda>,
    items: Option<&'m Lambda>,
}

fn merge_with(call: &Call<'_>) -> Outcome {
    let merge = Merge {
        run: call.run(),
        lists: call.lambda_or_none(2),
        items: call.lambda_or_none(3),
    };
    merge.dicts(call.dict(0)?, call.dict(1)?, position(call, 4)?)
}

impl Merge<'_> {
    /// Down to so many levels; 0 is all of them.
    fn dicts(&self, one: &Dict, other: &Dict, levels: i64) -> Outcome {
        let budget = self.run.budget();
        let _nested = budget.enter()?;
        budget.charge(one.len().saturating_add(other.len()).saturating_mul(SLOT))?;
        let mut merged = one.clone();
        for (key, theirs) in other.iter() {
            budget.step()?;
            let value = match one.get_value(values::key(key, budget)?) {
                Some(ours) => self.values(ours, theirs, levels)?,
                None => theirs.clone(),
            };
            merged.insert(key.clone(), value);
        }
        self.run.held(Value::Dict(merged))
    }

    fn values(&self, ours: &Value, theirs: &Value, levels: i64) -> Outcome {
        match (ours, theirs) {
            (Value::Dict(one), Value::Dict(other)) if levels != 1 => {
                let below = if levels == 0 { 0 } else { levels - 1 };
                self.dicts(one, other, below)
            }
            (one, other @ (Value::List(_) | Value::Tuple(_))) if levels != 1 => {
                if one.as_items().is_none() {
                    return Err(unlike(one, other));
                }
                match self.lists {
                    Some(merger) => merger.invoke(self.run, &[one.clone(), other.clone()]),
                    None => self.distinct(one, other),
                }
            }
            (one, other @ Value::Dict(_)) if levels != 1 => Err(unlike(one, other)),
            (one, other) => match self.items {
                Some(merger) => merger.invoke(self.run, &[one.clone(), other.clone()]),
                None => Ok(other.clone()),
            },
        }
    }

    /// Items of both lists, each once.
    fn distinct(&self, one: &Value, other: &Value) -> Outcome {
        if one.type_name() != other.type_name() {
            return Err(unlike(one, other).note("use `toList()` first"));
        }
        let budget = self.run.budget();
        let mut seen = Seen::default();
        let mut items = Vec::new();
        for item in [one, other]
            .into_iter()
            .filter_map(Value::as_items)
            .flatten()
        {
            budget.step()?;
            if seen.add(item, budget)? {
                budget.charge(size_of::<Value>())?;
                items.push(item.clone());
            }
        }
        self.run.held(Value::tuple(items))
    }
}

fn unlike(one: &Value, other: &Value) -> Fault {
    Fault::wrong_type(format!(
        "a value of type {} cannot be merged with one of type {}",
        one.type_name(),
        other.type_name()
    ))
}
