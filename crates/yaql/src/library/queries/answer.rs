//! One answer about all items.

use pyvalue::{Error, Value};

use super::{COLLECTION, PREDICATE, SELECTOR};
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};

const INITIAL: Param = Param::any("initial").optional();
const SEED: Param = Param::any("seed").optional();
const DEFAULT: Param = Param::any("default").optional();

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("accumulate", &[COLLECTION, SELECTOR, SEED], accumulate),
    Function::method("aggregate", &[COLLECTION, SELECTOR, SEED], aggregate),
    Function::method("reduce", &[COLLECTION, SELECTOR, SEED], aggregate),
    Function::both("all", &[COLLECTION, PREDICATE.or_null()], all),
    Function::both("any", &[COLLECTION, PREDICATE.or_null()], any),
    Function::method("count", &[COLLECTION], count),
    Function::both("len", &[Param::new("collection", Type::Iterator)], count),
    Function::method("first", &[COLLECTION, DEFAULT], first),
    Function::method("last", &[COLLECTION, DEFAULT], last),
    Function::method("single", &[COLLECTION], single),
    Function::method("max", &[COLLECTION, INITIAL], |call| fold_with(call, "max")),
    Function::method("min", &[COLLECTION, INITIAL], |call| fold_with(call, "min")),
    Function::method("sum", &[COLLECTION, INITIAL], |call| {
        fold_with(call, "#operator_+")
    }),
];

/// Folds from the seed, or from the first item where there is none.
fn fold(
    call: &Call<'_>,
    seed: Option<&Value>,
    mut step: impl FnMut(Value, Value) -> Outcome,
) -> Outcome {
    let mut items = call.iterate(0)?;
    let mut total = match seed {
        Some(seed) => seed.clone(),
        None => items.next().ok_or_else(|| {
            Error::type_error(
                "nothing to reduce: the collection is empty, and there is no initial value",
            )
        })??,
    };
    for item in items {
        total = step(total, item?)?;
    }
    Ok(total)
}

fn aggregate(call: &Call<'_>) -> Outcome {
    let (selector, run) = (call.lambda(1)?, call.run());
    fold(call, call.given(2), |total, item| {
        selector.invoke(run, &[total, item])
    })
}

fn fold_with(call: &Call<'_>, function: &str) -> Outcome {
    fold(call, call.given(1), |total, item| {
        call.delegate(function, &[total, item])
    })
}

/// The totals on the way, the seed (or first item) first.
fn accumulate(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let selector = call.lambda(1)?.clone();
    let seed = call.given(2).cloned();
    let mut total: Option<Value> = None;
    call.lazy(move |run: &Run<'_>| {
        let next = match (&total, &seed) {
            (Some(total), _) => match items.next(run)? {
                Some(item) => selector.invoke(run, &[total.clone(), item])?,
                None => return Ok(None),
            },
            (None, Some(seed)) => seed.clone(),
            (None, None) => items.next(run)?.ok_or_else(|| {
                Error::type_error(
                    "nothing to accumulate: the collection is empty, and there is no seed",
                )
            })?,
        };
        total = Some(next.clone());
        Ok(Some(next))
    })
}

fn all(call: &Call<'_>) -> Outcome {
    for item in call.iterate(0)? {
        if !test(call, item?)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

/// Without a predicate any item will do, a false one too.
fn any(call: &Call<'_>) -> Outcome {
    for item in call.iterate(0)? {
        let item = item?;
        if call.lambda_or_none(1).is_none() || test(call, item)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn test(call: &Call<'_>, item: Value) -> Outcome<bool> {
    match call.lambda_or_none(1) {
        Some(predicate) => predicate.test(call.run(), &[item]),
        None => Ok(item.is_true()),
    }
}

fn count(call: &Call<'_>) -> Outcome {
    let mut count = 0;
    for item in call.iterate(0)? {
        item?;
        count += 1;
    }
    Ok(Value::Int(count))
}

fn or_default(call: &Call<'_>, function: &str) -> Outcome {
    call.given(1).cloned().ok_or_else(|| {
        Fault::bad_value(format!(
            "`{function}` found nothing: the collection is empty; give a default, as in `{function}(null)`"
        ))
    })
}

fn first(call: &Call<'_>) -> Outcome {
    match call.iterate(0)?.next() {
        Some(item) => item,
        None => or_default(call, "first"),
    }
}

fn last(call: &Call<'_>) -> Outcome {
    let mut last = None;
    match call.arg(0).as_items() {
        Some(items) => last = items.last().cloned(),
        None => {
            for item in call.iterate(0)? {
                last = Some(item?);
            }
        }
    }
    match last {
        Some(item) => Ok(item),
        None => or_default(call, "last"),
    }
}

fn single(call: &Call<'_>) -> Outcome {
    let mut items = call.iterate(0)?;
    let Some(item) = items.next().transpose()? else {
        return Err(Fault::bad_value(
            "`single` found nothing: the collection is empty",
        ));
    };
    match items.next().transpose()? {
        Some(_) => Err(Fault::bad_value("`single` found more than one item")),
        None => Ok(item),
    }
}
