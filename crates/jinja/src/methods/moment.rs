//! Methods and attributes of `datetime` and `timedelta`.

use std::sync::LazyLock;

use pyvalue::datetime::{self, Fields};
use pyvalue::{DateTime, Value};

use super::arguments::{integer, text};
use super::{Table, looking, table};
use crate::{Call, Error, Function};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

pub(super) static METHODS: Table = LazyLock::new(|| {
    let parts = |f: Function| {
        [
            "year",
            "month",
            "day",
            "hour",
            "minute",
            "second",
            "microsecond",
        ]
        .into_iter()
        .fold(f, |f, name| f.optional(name, Value::None))
    };
    table([
        looking(
            "isoformat",
            |c| Ok(iso_format(c)?.into()),
            |f| f.optional("sep", "T").optional("timespec", "auto"),
        ),
        looking(
            "isoweekday",
            |c| Ok((datetime::weekday(moment(c)?) + 1).into()),
            |f| f,
        ),
        looking("replace", replace, parts),
        looking(
            "strftime",
            |c| Ok(datetime::strftime(moment(c)?, text(c, 1)?, c.budget())?.into()),
            |f| f.required("format"),
        ),
        looking(
            "timestamp",
            |c| Ok(datetime::timestamp(moment(c)?).into()),
            |f| f,
        ),
        looking(
            "utcoffset",
            |c| Ok(Value::TimeSpan(datetime::offset(moment(c)?))),
            |f| f,
        ),
        looking(
            "weekday",
            |c| Ok(datetime::weekday(moment(c)?).into()),
            |f| f,
        ),
    ])
});

pub(super) static OF_SPANS: Table = LazyLock::new(|| {
    table([looking(
        "total_seconds",
        |c| match c.arg(0) {
            Value::TimeSpan(span) => Ok(datetime::total_seconds(*span).into()),
            other => Err(wrong(other)),
        },
        |f| f,
    )])
});

/// `year` to `microsecond`.
pub(super) fn plain_attribute(moment: &DateTime, name: &str) -> Option<Value> {
    let fields = Fields::of(moment);
    let part = match name {
        "year" => fields.year,
        "month" => fields.month,
        "day" => fields.day,
        "hour" => fields.hour,
        "minute" => fields.minute,
        "second" => fields.second,
        "microsecond" => fields.microsecond,
        "fold" => 0,
        _ => return None,
    };
    Some(Value::Int(part))
}

/// `days`, `seconds`, `microseconds`.
pub(super) fn plain_attribute_of_span(span: i64, name: &str) -> Option<Value> {
    let part = match name {
        "days" => span.div_euclid(DAY),
        "seconds" => span.rem_euclid(DAY) / 1_000_000,
        "microseconds" => span.rem_euclid(1_000_000),
        _ => return None,
    };
    Some(Value::Int(part))
}

fn moment<'c>(call: &Call<'c>) -> Result<&'c DateTime, Error> {
    match call.arg(0) {
        Value::DateTime(moment) => Ok(moment),
        other => Err(wrong(other)),
    }
}

fn wrong(value: &Value) -> Error {
    Error::type_error(format!(
        "a moment or span is needed, not '{}'",
        value.type_name()
    ))
}

fn iso_format(call: &Call<'_>) -> Result<String, Error> {
    let moment = moment(call)?;
    let separator = text(call, 1)?;
    let fields = Fields::of(moment);
    let (hour, minute, second, micro) = (
        fields.hour,
        fields.minute,
        fields.second,
        fields.microsecond,
    );
    let time = match &**text(call, 2)? {
        "auto" if micro == 0 => format!("{hour:02}:{minute:02}:{second:02}"),
        "auto" | "microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{micro:06}"),
        "milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", micro / 1000),
        "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        "minutes" => format!("{hour:02}:{minute:02}"),
        "hours" => format!("{hour:02}"),
        _ => return Err(pyvalue::Error::value_error("unknown timespec value").into()),
    };
    // The default form ends with the offset, as this one does.
    let whole = datetime::iso_format(moment);
    let offset = whole
        .get(10..)
        .and_then(|rest| rest.find(['+', '-']).map(|at| &rest[at..]));
    Ok(format!(
        "{:04}-{:02}-{:02}{separator}{time}{}",
        fields.year,
        fields.month,
        fields.day,
        offset.unwrap_or_default()
    ))
}

fn replace(call: &Call<'_>) -> Result<Value, Error> {
    let mut fields = Fields::of(moment(call)?);
    let parts = [
        &mut fields.year,
        &mut fields.month,
        &mut fields.day,
        &mut fields.hour,
        &mut fields.minute,
        &mut fields.second,
        &mut fields.microsecond,
    ];
    for (at, part) in parts.into_iter().enumerate() {
        if !call.arg(at + 1).is_none() {
            *part = integer(call, at + 1)?;
        }
    }
    Ok(Value::DateTime(fields.build()?))
}
