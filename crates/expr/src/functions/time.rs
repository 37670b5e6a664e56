//! Lengths of time for people.

use chrono::{Datelike as _, Timelike as _};
use pyvalue::{Error, Value};

use super::{Call, Fault, Function, Outcome, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[Function::new(
    &["to_human_time_from_seconds"],
    &[Parameter::new("seconds")],
    to_human_time_from_seconds,
)];

/// `1h3m5s`. As upstream, the months of a span are lost.
fn to_human_time_from_seconds(call: &Call<'_>) -> Outcome {
    let value = call.arg(0);
    let seconds = match value {
        Value::Bool(truth) => f64::from(u8::from(*truth)),
        Value::Int(_) | Value::Big(_) | Value::Float(_) => pyvalue::number::to_float(value)?,
        other => {
            return Err(Error::value_error(format!(
                "seconds are a number, not '{}'",
                other.type_name()
            ))
            .into());
        }
    };
    if seconds == 0.0 {
        return Ok(Value::from("0s"));
    }
    if seconds < 1.0 {
        return Ok(Value::from(format!("{}\u{3bc}s", call.text(0)?)));
    }
    let begin = chrono::NaiveDate::from_ymd_opt(1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let span = chrono::TimeDelta::try_seconds(round_half_even(seconds)?);
    let end = begin
        .zip(span)
        .and_then(|(begin, span)| begin.checked_add_signed(span))
        .filter(|end| end.year() <= 9999);
    match end {
        Some(end) => Ok(Value::from(human(end))),
        None => Err(too_long()),
    }
}

fn too_long() -> Fault {
    Error::value_error("the time is too long").into()
}

fn round_half_even(seconds: f64) -> Result<i64, Fault> {
    match pyvalue::number::truncate(seconds.round_ties_even())? {
        Value::Int(whole) => Ok(whole),
        _ => Err(too_long()),
    }
}

fn human(end: chrono::NaiveDateTime) -> String {
    let years = u32::try_from(end.year() - 1).unwrap_or(0);
    let parts = [
        (years, "y"),
        (end.day() - 1, "d"),
        (end.hour(), "h"),
        (end.minute(), "m"),
        (end.second(), "s"),
    ];
    let first = parts
        .iter()
        .position(|(count, _)| *count > 0)
        .unwrap_or(parts.len() - 1);
    parts[first..]
        .iter()
        .fold(String::new(), |text, (count, unit)| {
            text + &count.to_string() + unit
        })
}
