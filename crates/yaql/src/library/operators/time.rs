//! `+ - * /` of moments and lengths of time.

use pyvalue::{Value, operator};

use crate::function::{Call, Fault, Function, Outcome, Param, Type};

const MOMENT: Param = Param::new("dt", Type::DateTime);
const SPAN: Param = Param::new("ts", Type::TimeSpan);
const NUMBER: Param = Param::new("n", Type::Number);
const SPANS: &[Param] = &[
    Param::new("ts1", Type::TimeSpan),
    Param::new("ts2", Type::TimeSpan),
];
const MOMENTS: &[Param] = &[
    Param::new("dt1", Type::DateTime),
    Param::new("dt2", Type::DateTime),
];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("#operator_+", &[MOMENT, SPAN], add),
    Function::function("#operator_+", &[SPAN, MOMENT], add),
    Function::function("#operator_+", SPANS, add),
    Function::function("#operator_-", &[MOMENT, SPAN], subtract),
    Function::function("#operator_-", MOMENTS, subtract),
    Function::function("#operator_-", SPANS, subtract),
    Function::function("#operator_*", &[SPAN, NUMBER], |call| {
        scale(call.timespan(0)?, call.arg(1), call)
    }),
    Function::function("#operator_*", &[NUMBER, SPAN], |call| {
        scale(call.timespan(1)?, call.arg(0), call)
    }),
    Function::function("#operator_/", &[SPAN, NUMBER], divide),
    Function::function("#operator_/", SPANS, ratio),
    Function::function("#unary_operator_-", &[SPAN], negate),
    Function::function("#unary_operator_+", &[SPAN], |call| Ok(call.arg(0).clone())),
];

fn add(call: &Call<'_>) -> Outcome {
    Ok(operator::add(call.arg(0), call.arg(1), call.budget())?)
}

fn subtract(call: &Call<'_>) -> Outcome {
    Ok(operator::subtract(call.arg(0), call.arg(1), call.budget())?)
}

fn negate(call: &Call<'_>) -> Outcome {
    call.timespan(0)?
        .checked_neg()
        .map(Value::TimeSpan)
        .ok_or_else(too_long)
}

fn scale(span: i64, factor: &Value, call: &Call<'_>) -> Outcome {
    match operator::multiply(&Value::Int(span), factor, call.budget())? {
        Value::Int(micros) => Ok(Value::TimeSpan(micros)),
        micros => from_float(&micros),
    }
}

fn divide(call: &Call<'_>) -> Outcome {
    let micros = Value::Float(float(call.timespan(0)?));
    from_float(&operator::divide(&micros, call.arg(1), call.budget())?)
}

fn ratio(call: &Call<'_>) -> Outcome {
    let [one, other] = [0, 1].map(|index| call.timespan(index));
    let (one, other) = (Value::Float(float(one?)), Value::Float(float(other?)));
    Ok(operator::divide(&one, &other, call.budget())?)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "lengths of time that Python knows fit a float but for their last microseconds"
)]
fn float(span: i64) -> f64 {
    span as f64
}

/// Microseconds, rounded to even as Python's `timedelta` does.
fn from_float(micros: &Value) -> Outcome {
    // 999,999,999 days, the longest that Python knows.
    const LONGEST: f64 = 86_400e6 * 1e9;
    match micros {
        Value::Float(micros) if micros.is_nan() => {
            Err(Fault::bad_value("a length of time cannot be NaN"))
        }
        Value::Float(micros) if micros.abs() < LONGEST => {
            #[expect(clippy::cast_possible_truncation, reason = "checked just above")]
            let rounded = micros.round_ties_even() as i64;
            Ok(Value::TimeSpan(rounded))
        }
        _ => Err(too_long()),
    }
}

fn too_long() -> Fault {
    Fault::bad_value("the length of time is too long")
}
