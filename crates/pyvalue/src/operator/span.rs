//! Spans of time, and moments moved by them.

use num_traits::ToPrimitive as _;

use super::{Outcome, unsupported, zero_division};
use crate::number::{as_big, as_float};
use crate::{Class, Error, Value};

/// A moment moved by a span; Python knows the years 1 to 9999 only.
pub fn shift(moment: &crate::DateTime, span: i64) -> Outcome {
    use chrono::Datelike as _;

    moment
        .checked_add_signed(chrono::TimeDelta::microseconds(span))
        .filter(|moved| (1..=9999).contains(&moved.year()))
        .map(Value::DateTime)
        .ok_or_else(|| Error::new(Class::Overflow, "date value out of range"))
}

pub(super) fn span_overflow() -> Error {
    Error::new(Class::Overflow, "time span out of range")
}

pub(super) fn scale_span(span: i64, factor: &Value) -> Outcome {
    let scaled = match factor {
        Value::Float(factor) => round_half_even(span.to_f64().unwrap_or(f64::NAN) * factor),
        other => as_big(other).and_then(|factor| (factor * span).to_i64()),
    };
    match (scaled, factor) {
        (Some(scaled), _) => Ok(Value::TimeSpan(scaled)),
        (None, Value::Float(_) | Value::Int(_) | Value::Big(_) | Value::Bool(_)) => {
            Err(span_overflow())
        }
        (None, other) => Err(unsupported("*", &Value::TimeSpan(span), other)),
    }
}

pub(super) fn divide_span(span: i64, divisor: &Value) -> Outcome {
    let Some(divisor) = as_float(divisor) else {
        return Err(unsupported("/", &Value::TimeSpan(span), divisor));
    };
    let divisor = divisor?;
    if divisor == 0.0 {
        return Err(zero_division("division by zero"));
    }
    round_half_even(span.to_f64().unwrap_or(f64::NAN) / divisor)
        .map(Value::TimeSpan)
        .ok_or_else(span_overflow)
}

fn round_half_even(float: f64) -> Option<i64> {
    float.round_ties_even().to_i64()
}
