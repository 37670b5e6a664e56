//! Where texts stand in texts, and parts of texts by position.

use pyvalue::{Value, text};

use super::super::values::position;
use crate::function::{Call, Function, Outcome, Param, Type};

const STRING: Param = Param::new("string", Type::Str);
const SUB: Param = Param::new("sub", Type::Str);
const START: Param = Param::new("start", Type::Int);
const LENGTH: Param = Param::new("length", Type::Int);
const FROM: &[Param] = &[STRING, SUB, START.or_int(0)];
const WITHIN: &[Param] = &[STRING, SUB, START, LENGTH];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("substring", &[STRING, START, LENGTH.or_int(-1)], substring),
    Function::method("indexOf", FROM, index_of),
    Function::method("indexOf", WITHIN, index_of_within),
    Function::method("lastIndexOf", FROM, last_index_of),
    Function::method("lastIndexOf", WITHIN, last_index_of_within),
    Function::method(
        "startsWith",
        &[STRING, Param::rest("prefixes", Type::Str)],
        starts_with,
    ),
    Function::method(
        "endsWith",
        &[STRING, Param::rest("suffixes", Type::Str)],
        ends_with,
    ),
];

fn length(call: &Call<'_>) -> Outcome<i64> {
    Ok(i64::try_from(text::length(call.text(0)?)).unwrap_or(i64::MAX))
}

/// A negative start counts from the end; further before it than the text is long, it is a position from the end as any
/// negative bound of a slice.
fn substring(call: &Call<'_>) -> Outcome {
    let (whole, mut start, mut taken) = (length(call)?, position(call, 1)?, position(call, 2)?);
    if taken < 0 {
        taken = whole;
    }
    if start < 0 {
        start = start.saturating_add(whole);
    }
    let end = start.saturating_add(taken);
    let part = text::slice(call.text(0)?, Some(start), Some(end), None)?;
    call.budget().charge(part.len())?;
    Ok(part.into())
}

fn index_of(call: &Call<'_>) -> Outcome {
    found(call, text::find, (position(call, 2)?, None))
}

fn index_of_within(call: &Call<'_>) -> Outcome {
    found(call, text::find, within(call)?)
}

fn last_index_of(call: &Call<'_>) -> Outcome {
    found(call, text::rfind, (position(call, 2)?, None))
}

fn last_index_of_within(call: &Call<'_>) -> Outcome {
    found(call, text::rfind, within(call)?)
}

fn within(call: &Call<'_>) -> Outcome<(i64, Option<i64>)> {
    let (whole, mut start, mut taken) = (length(call)?, position(call, 2)?, position(call, 3)?);
    if start < 0 {
        start = start.saturating_add(whole);
    }
    if taken < 0 {
        taken = whole.saturating_sub(start);
    }
    Ok((start, Some(start.saturating_add(taken))))
}

type Find = fn(&str, &str, Option<i64>, Option<i64>) -> Option<i64>;

fn found(call: &Call<'_>, find: Find, (start, end): (i64, Option<i64>)) -> Outcome {
    let place = find(call.text(0)?, call.text(1)?, Some(start), end);
    Ok(Value::Int(place.unwrap_or(-1)))
}

fn starts_with(call: &Call<'_>) -> Outcome {
    let string = call.text(0)?;
    let mut prefixes = call.rest().filter_map(Value::as_str);
    Ok(Value::Bool(
        prefixes.any(|prefix| string.starts_with(prefix)),
    ))
}

fn ends_with(call: &Call<'_>) -> Outcome {
    let string = call.text(0)?;
    let mut suffixes = call.rest().filter_map(Value::as_str);
    Ok(Value::Bool(suffixes.any(|suffix| string.ends_with(suffix))))
}
