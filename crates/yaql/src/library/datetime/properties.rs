//! Parts of moments and lengths of time: `.year`, `.seconds`.

use pyvalue::datetime::{self, Fields};
use pyvalue::{Value, operator};

use super::divided;
use crate::function::{Call, Function, Outcome, Param, Type};

const MOMENT: &[Param] = &[Param::new("obj", Type::DateTime)];
const SPAN: &[Param] = &[Param::new("obj", Type::TimeSpan)];

macro_rules! field {
    ($name:literal, $field:ident) => {
        Function::function($name, MOMENT, |call| {
            Ok(Value::Int(Fields::of(&call.datetime(0)?).$field))
        })
    };
}

macro_rules! unit {
    ($name:literal, $micros:literal) => {
        Function::function($name, SPAN, |call| Ok(divided(call.timespan(0)?, $micros)))
    };
}

pub(crate) const FUNCTIONS: &[Function] = &[
    field!("#property#year", year),
    field!("#property#month", month),
    field!("#property#day", day),
    field!("#property#hour", hour),
    field!("#property#minute", minute),
    field!("#property#second", second),
    field!("#property#microsecond", microsecond),
    Function::function("#property#weekday", MOMENT, |call| {
        Ok(Value::Int(datetime::weekday(&call.datetime(0)?)))
    }),
    Function::function("#property#offset", MOMENT, |call| {
        Ok(Value::TimeSpan(datetime::offset(&call.datetime(0)?)))
    }),
    Function::function("#property#date", MOMENT, date),
    Function::function("#property#time", MOMENT, time),
    Function::function("#property#utc", MOMENT, utc),
    Function::function("#property#timestamp", MOMENT, timestamp),
    unit!("#property#days", 86_400_000_000.0),
    unit!("#property#hours", 3_600_000_000.0),
    unit!("#property#minutes", 60_000_000.0),
    unit!("#property#seconds", 1_000_000.0),
    unit!("#property#milliseconds", 1_000.0),
    Function::function("#property#microseconds", SPAN, |call| {
        Ok(Value::Int(call.timespan(0)?))
    }),
];

/// The start of the day, where it is.
fn date(call: &Call<'_>) -> Outcome {
    let fields = Fields {
        hour: 0,
        minute: 0,
        second: 0,
        microsecond: 0,
        ..Fields::of(&call.datetime(0)?)
    };
    Ok(Value::DateTime(fields.build()?))
}

/// How long the day has lasted.
fn time(call: &Call<'_>) -> Outcome {
    Ok(operator::subtract(
        call.arg(0),
        &date(call)?,
        call.budget(),
    )?)
}

/// The time of day that it is in UTC; the offset stays beside it, as in the Python original.
fn utc(call: &Call<'_>) -> Outcome {
    let moment = call.datetime(0)?;
    Ok(operator::shift(&moment, -datetime::offset(&moment))?)
}

/// Seconds since 1970 of what [`utc`] gives: the offset counts twice, as in the Python original.
fn timestamp(call: &Call<'_>) -> Outcome {
    match utc(call)? {
        Value::DateTime(moment) => Ok(divided(moment.timestamp_micros(), 1_000_000.0)),
        other => Ok(other),
    }
}
