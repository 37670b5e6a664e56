//! Lengths of time.

use pyvalue::datetime::{Unit, span};
use pyvalue::{Error, Value};

use super::whole;
use crate::function::{Call, Function, Outcome, Param, Type};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function(
        "timespan",
        &[
            Param::new("days", Type::Int).or_int(0),
            Param::new("hours", Type::Int).or_int(0),
            Param::new("minutes", Type::Int).or_int(0),
            Param::new("seconds", Type::Integer).or_int(0),
            Param::new("milliseconds", Type::Integer).or_int(0),
            Param::new("microseconds", Type::Integer).or_int(0),
        ],
        timespan,
    ),
    Function::function("localtz", &[], |_| Ok(Value::TimeSpan(0))),
    Function::function("utctz", &[], |_| Ok(Value::TimeSpan(0))),
    Function::function("isTimespan", &[Param::any("value")], |call| {
        Ok(Value::Bool(matches!(call.arg(0), Value::TimeSpan(_))))
    }),
];

const UNITS: [Unit; 6] = [
    Unit::Days,
    Unit::Hours,
    Unit::Minutes,
    Unit::Seconds,
    Unit::Milliseconds,
    Unit::Microseconds,
];

fn timespan(call: &Call<'_>) -> Outcome {
    let counts = (0..UNITS.len())
        .map(|index| whole(call.arg(index)))
        .collect::<Result<Vec<Value>, Error>>()?;
    let parts: Vec<(Unit, &Value)> = UNITS.into_iter().zip(&counts).collect();
    Ok(Value::TimeSpan(span(&parts)?))
}
