//! Spans of time, as `timedelta` builds and prints them.

use num_bigint::BigInt;
use num_traits::{FromPrimitive as _, ToPrimitive as _};

use super::MICROS;
use crate::{Class, Error, Value, number};

const DAY: i64 = 86_400 * MICROS;

/// Units that make a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// `weeks`.
    Weeks,
    /// `days`.
    Days,
    /// `hours`.
    Hours,
    /// `minutes`.
    Minutes,
    /// `seconds`.
    Seconds,
    /// `milliseconds`.
    Milliseconds,
    /// `microseconds`.
    Microseconds,
}

impl Unit {
    /// In microseconds.
    fn size(self) -> i64 {
        match self {
            Self::Weeks => 7 * DAY,
            Self::Days => DAY,
            Self::Hours => 3600 * MICROS,
            Self::Minutes => 60 * MICROS,
            Self::Seconds => MICROS,
            Self::Milliseconds => 1000,
            Self::Microseconds => 1,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Weeks => "weeks",
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Minutes => "minutes",
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
        }
    }
}

/// The integer that a float without fraction is.
pub(super) fn to_whole(number: f64) -> Option<i64> {
    match number::whole(number) {
        Some(Value::Int(whole)) => Some(whole),
        _ => None,
    }
}

/// `timedelta(...)` of integers and floats, in microseconds: whole parts are summed exactly, fractions as floats, and
/// the sum is rounded once, half to even. More than 292 471 years, which Python still takes, are an overflow here.
pub fn span(parts: &[(Unit, &Value)]) -> Result<i64, Error> {
    let mut total = BigInt::from(0);
    let mut fraction = 0.0;
    for (unit, value) in parts {
        let size = BigInt::from(unit.size());
        match value {
            Value::Float(value) if value.is_nan() => {
                return Err(Error::value_error("cannot convert float NaN to integer"));
            }
            Value::Float(value) => {
                let whole = BigInt::from_f64(value.trunc()).ok_or_else(|| {
                    Error::new(Class::Overflow, "cannot convert float infinity to integer")
                })?;
                total += whole * &size;
                let part = value.fract() * size.to_f64().unwrap_or(0.0);
                total += BigInt::from_f64(part.trunc()).unwrap_or_default();
                fraction += part.fract();
            }
            other => {
                let whole = number::as_big(other).ok_or_else(|| {
                    Error::type_error(format!(
                        "unsupported type for timedelta {} component: {}",
                        unit.name(),
                        other.type_name()
                    ))
                })?;
                total += whole * size;
            }
        }
    }
    total += round_fraction(fraction, &total);
    total.to_i64().ok_or_else(|| {
        let days: BigInt = total / DAY;
        Error::new(
            Class::Overflow,
            format!("days={days}; must have magnitude <= 999999999"),
        )
    })
}

/// The nearest integer; of two as near the one that makes the sum even.
fn round_fraction(fraction: f64, total: &BigInt) -> i64 {
    let rounded = fraction.round();
    let is_tie = (rounded - fraction).abs() >= 0.5;
    let whole = to_whole(rounded).unwrap_or(0);
    if is_tie && (total + whole).bit(0) {
        return whole - if fraction > 0.0 { 1 } else { -1 };
    }
    whole
}

/// Days, and seconds and microseconds that are not negative.
fn normal(span: i64) -> (i64, i64, i64) {
    let (days, rest) = (span.div_euclid(DAY), span.rem_euclid(DAY));
    (days, rest / MICROS, rest % MICROS)
}

/// `str(span)`: `1 day, 2:03:04.000005`.
#[must_use]
pub fn span_text(span: i64) -> String {
    let (days, seconds, micros) = normal(span);
    let mut text = match days {
        0 => String::new(),
        1 | -1 => format!("{days} day, "),
        days => format!("{days} days, "),
    };
    text.extend([format!(
        "{}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )]);
    if micros > 0 {
        text.extend([format!(".{micros:06}")]);
    }
    text
}

/// `repr(span)`: `datetime.timedelta(days=1, seconds=7384, microseconds=5)`.
#[must_use]
pub fn span_repr(span: i64) -> String {
    let (days, seconds, micros) = normal(span);
    let parts: Vec<String> = [
        ("days", days),
        ("seconds", seconds),
        ("microseconds", micros),
    ]
    .into_iter()
    .filter(|(_, value)| *value != 0)
    .map(|(name, value)| format!("{name}={value}"))
    .collect();
    if parts.is_empty() {
        return "datetime.timedelta(0)".to_owned();
    }
    format!("datetime.timedelta({})", parts.join(", "))
}

/// `span.total_seconds()`: the float nearest to the exact quotient.
#[must_use]
pub fn total_seconds(span: i64) -> f64 {
    let sign = if span < 0 { "-" } else { "" };
    let (seconds, micros) = (
        span.unsigned_abs() / MICROS.unsigned_abs(),
        span.unsigned_abs() % MICROS.unsigned_abs(),
    );
    format!("{sign}{seconds}.{micros:06}")
        .parse()
        .unwrap_or(f64::NAN)
}
