//! Paths, times, secrets and the null that survives texts.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, State, Value};

use super::super::context;
use super::{NONE_MAGIC_VALUE, text_of, wrong_type, wrong_value};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    environment.add_filter("basename", |value: &Value| {
        text_argument(value).map(|path| basename(&path).to_owned())
    });
    environment.add_filter("dirname", |value: &Value| {
        text_argument(value).map(|path| dirname(&path).to_owned())
    });
    environment.add_filter("use_none", |value: Value| {
        if value.is_none() {
            Value::from(NONE_MAGIC_VALUE)
        } else {
            value
        }
    });
    environment.add_filter("decrypt_kv", decrypt_kv);
    environment.add_filter("to_human_time_from_seconds", to_human_time_from_seconds);
}

fn text_argument(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Undefined => text_of(value),
        kind => Err(wrong_type(format!("a path is a text, not {kind}"))),
    }
}

fn basename(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn dirname(path: &str) -> &str {
    let head = path.rfind('/').map_or("", |at| &path[..=at]);
    let trimmed = head.trim_end_matches('/');
    if trimmed.is_empty() { head } else { trimmed }
}

fn decrypt_kv(state: &State<'_, '_>, value: &Value) -> Result<String, Error> {
    let sealed = text_of(value)?;
    context::decrypt(state, &sealed)
        .map_err(|reason| wrong_value(format!("the value cannot be decrypted: {reason}")))
}

/// `1h3m5s`. As upstream, the months of a span are lost.
fn to_human_time_from_seconds(value: &Value) -> Result<String, Error> {
    let seconds = match value.kind() {
        ValueKind::Bool => f64::from(u8::from(value.is_true())),
        ValueKind::Number => f64::try_from(value.clone())?,
        kind => return Err(wrong_value(format!("seconds are a number, not {kind}"))),
    };
    if seconds == 0.0 {
        return Ok("0s".to_owned());
    }
    if seconds < 1.0 {
        return Ok(format!("{value}\u{3bc}s"));
    }
    let begin = chrono::NaiveDate::from_ymd_opt(1, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0));
    let span = chrono::TimeDelta::try_seconds(round_half_even(seconds));
    let end = begin
        .zip(span)
        .and_then(|(begin, span)| begin.checked_add_signed(span));
    let end = end.ok_or_else(|| wrong_value("the time is too long"))?;
    Ok(human(end))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and such spans are refused"
)]
fn round_half_even(seconds: f64) -> i64 {
    seconds.round_ties_even() as i64
}

fn human(end: chrono::NaiveDateTime) -> String {
    use chrono::{Datelike, Timelike};
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
