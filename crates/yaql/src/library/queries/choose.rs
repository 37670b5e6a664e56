//! Item by item: which ones, and what of them.

use pyvalue::Value;

use super::super::values::{Seen, position};
use super::{COLLECTION, PREDICATE, SELECTOR};
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::{Stream, is_iterable};

const COUNT: Param = Param::new("count", Type::Int);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("select", &[COLLECTION, SELECTOR], select),
    Function::method("map", &[COLLECTION, SELECTOR], select),
    Function::method("where", &[COLLECTION, PREDICATE], filter),
    Function::method("filter", &[COLLECTION, PREDICATE], filter),
    Function::method("selectMany", &[COLLECTION, SELECTOR], select_many),
    Function::method("skip", &[COLLECTION, COUNT], skip),
    Function::method("limit", &[COLLECTION, COUNT], limit),
    Function::method("take", &[COLLECTION, COUNT], limit),
    Function::method("takeWhile", &[COLLECTION, PREDICATE], take_while),
    Function::method("skipWhile", &[COLLECTION, PREDICATE], skip_while),
    Function::both(
        "distinct",
        &[COLLECTION, Param::lambda("keySelector").or_null()],
        distinct,
    ),
];

fn select(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let selector = call.lambda(1)?.clone();
    call.lazy(move |run: &Run<'_>| match items.next(run)? {
        Some(item) => selector.invoke(run, &[item]).map(Some),
        None => Ok(None),
    })
}

fn filter(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let predicate = call.lambda(1)?.clone();
    call.lazy(move |run: &Run<'_>| {
        while let Some(item) = items.next(run)? {
            if predicate.test(run, std::slice::from_ref(&item))? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    })
}

/// What the selector gives, item by item where it is iterable itself.
fn select_many(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let selector = call.lambda(1)?.clone();
    let mut inner: Option<Stream> = None;
    call.lazy(move |run: &Run<'_>| {
        loop {
            if let Some(stream) = &mut inner {
                if let Some(item) = stream.next(run)? {
                    return Ok(Some(item));
                }
                inner = None;
            }
            let Some(item) = items.next(run)? else {
                return Ok(None);
            };
            let selected = selector.invoke(run, &[item])?;
            if !is_iterable(&selected) {
                return Ok(Some(selected));
            }
            inner = Some(Stream::of(&selected, run)?);
        }
    })
}

/// A count of items; negative ones, and those beyond 64 bits, are refused at once.
fn count(call: &Call<'_>) -> Outcome<i64> {
    match position(call, 1)? {
        count if count < 0 || matches!(call.arg(1), Value::Big(_)) => Err(Fault::bad_value(
            "the count of items must be between 0 and 9223372036854775807",
        )),
        count => Ok(count),
    }
}

fn skip(call: &Call<'_>) -> Outcome {
    let mut left = count(call)?;
    let mut items = call.stream(0)?;
    call.lazy(move |run: &Run<'_>| {
        while left > 0 {
            left -= 1;
            if items.next(run)?.is_none() {
                return Ok(None);
            }
        }
        items.next(run)
    })
}

/// Does not ask for an item more than it gives.
fn limit(call: &Call<'_>) -> Outcome {
    let mut left = count(call)?;
    let mut items = call.stream(0)?;
    call.lazy(move |run: &Run<'_>| {
        if left == 0 {
            return Ok(None);
        }
        left -= 1;
        items.next(run)
    })
}

fn take_while(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let predicate = call.lambda(1)?.clone();
    call.lazy(move |run: &Run<'_>| match items.next(run)? {
        Some(item) => Ok(predicate
            .test(run, std::slice::from_ref(&item))?
            .then_some(item)),
        None => Ok(None),
    })
}

fn skip_while(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let mut predicate = Some(call.lambda(1)?.clone());
    call.lazy(move |run: &Run<'_>| {
        while let Some(item) = items.next(run)? {
            if let Some(skipped) = &predicate {
                if skipped.test(run, std::slice::from_ref(&item))? {
                    continue;
                }
                predicate = None;
            }
            return Ok(Some(item));
        }
        Ok(None)
    })
}

/// The first item of each key.
fn distinct(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let selector = call.lambda_or_none(1).cloned();
    let mut seen = Seen::default();
    call.lazy(move |run: &Run<'_>| {
        while let Some(item) = items.next(run)? {
            let key = match &selector {
                Some(selector) => selector.invoke(run, std::slice::from_ref(&item))?,
                None => item.clone(),
            };
            if seen.add(&key, run.budget())? {
                return Ok(Some(item));
            }
        }
        Ok(None)
    })
}
