//! Items by their keys.

use diagnostic::Kind;
use pyvalue::{Dict, Value};

use super::super::common::equal;
use super::super::values::{self, SLOT};
use super::COLLECTION;
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param};
use crate::lambda::Lambda;

pub(crate) const FUNCTIONS: &[Function] = &[Function::method(
    "groupBy",
    &[
        COLLECTION,
        Param::lambda("keySelector"),
        Param::lambda("valueSelector").or_null(),
        Param::lambda("aggregator").or_null(),
    ],
    group_by,
)];

/// Pairs of key and list. The groups are made at once, the aggregator is asked when a pair is.
fn group_by(call: &Call<'_>) -> Outcome {
    let mut groups = groups(call)?.into_iter();
    let mut aggregator = call.lambda_or_none(3).cloned().map(Aggregator::new);
    call.lazy(move |run: &Run<'_>| {
        let Some((key, values)) = groups.next() else {
            return Ok(None);
        };
        match &mut aggregator {
            None => {
                let values = run.held(Value::list(values))?;
                run.checked(Value::tuple(vec![key, values])).map(Some)
            }
            Some(aggregator) => aggregator.aggregate(run, key, values).map(Some),
        }
    })
}

fn groups(call: &Call<'_>) -> Outcome<Vec<(Value, Vec<Value>)>> {
    let (run, budget) = (call.run(), call.budget());
    let key_selector = call.lambda(1)?;
    let mut places = Dict::default();
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for item in call.iterate(0)? {
        let item = item?;
        let value = match call.lambda_or_none(2) {
            Some(selector) => selector.invoke(run, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        let key = key_selector.invoke(run, &[item])?;
        let key = values::key(&key, budget)?;
        budget.charge(size_of::<Value>())?;
        let place = places
            .get_value(key)
            .and_then(Value::as_int)
            .and_then(|place| usize::try_from(place).ok());
        if let Some((_, values)) = place.and_then(|place| groups.get_mut(place)) {
            values.push(value);
            continue;
        }
        budget.charge(2 * SLOT)?;
        places.insert(key.clone(), i64::try_from(groups.len()).unwrap_or(i64::MAX));
        groups.push((key.clone(), vec![value]));
    }
    Ok(groups)
}

/// Applies the aggregator to the values of a group; where that cannot be, to the whole pair, as it was of old.
struct Aggregator {
    function: Lambda,
    failure: Option<Fault>,
    may_take_pairs: bool,
}

impl Aggregator {
    fn new(function: Lambda) -> Self {
        Self {
            function,
            failure: None,
            may_take_pairs: true,
        }
    }

    fn aggregate(&mut self, run: &Run<'_>, key: Value, values: Vec<Value>) -> Outcome {
        let first = values.first().cloned();
        let is_pair = values.len() == 2;
        let values = run.held(Value::list(values))?;
        if self.failure.is_none() {
            match self.function.invoke(run, std::slice::from_ref(&values)) {
                Ok(result) => {
                    let is_unclear = match (result.as_items(), &first) {
                        (Some([start, _]), Some(first)) => {
                            is_pair && equal(start, first, run.budget())?
                        }
                        _ => false,
                    };
                    if !is_unclear {
                        self.may_take_pairs = false;
                    }
                    return run.checked(Value::tuple(vec![key, result]));
                }
                Err(fault) if is_of_old(&fault) => self.failure = Some(fault),
                Err(fault) => return Err(fault),
            }
        }
        if self.may_take_pairs {
            let pair = run.checked(Value::tuple(vec![key, values]))?;
            match self.function.invoke(run, &[pair]) {
                Ok(result) if length(&result) == Some(2) => return Ok(result),
                Err(fault) if fault.diagnostic().kind == Kind::Limit => return Err(fault),
                _ => {}
            }
        }
        Err(self
            .failure
            .clone()
            .unwrap_or_else(|| Fault::wrong_type("`groupBy` cannot apply its aggregator")))
    }
}

/// Failures that an aggregator for pairs has when it gets the values only: no such overload, or no such index.
fn is_of_old(fault: &Fault) -> bool {
    let diagnostic = fault.diagnostic();
    diagnostic.kind == Kind::Type
        || (diagnostic.kind == Kind::Other && diagnostic.message.starts_with("the index "))
}

fn length(value: &Value) -> Option<usize> {
    match value {
        Value::Str(text) => Some(text.chars().count()),
        Value::List(items) | Value::Tuple(items) => Some(items.len()),
        Value::Dict(dict) => Some(dict.len()),
        Value::Set(set) => Some(set.len()),
        _ => None,
    }
}
