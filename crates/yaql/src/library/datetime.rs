//! Moments and lengths of time.

mod properties;
mod spans;

use chrono::{FixedOffset, TimeZone as _};
use pyvalue::datetime::{self, Fields};
use pyvalue::number::as_big;
use pyvalue::{DateTime, Error, Value};

use crate::function::{Absence, Call, Fault, Function, Outcome, Param, Type};

const OFFSET: Param = Param::new("offset", Type::TimeSpan).or(Absence::TimeSpan(0));
const MOMENT: Param = Param::new("dt", Type::DateTime);

const fn part(name: &'static str) -> Param {
    Param::new(name, Type::Int)
}

/// A table for each file.
pub(crate) const TABLES: &[&[Function]] = &[FUNCTIONS, properties::FUNCTIONS, spans::FUNCTIONS];

const FUNCTIONS: &[Function] = &[
    Function::function(
        "datetime",
        &[
            Param::new("string", Type::Str),
            Param::new("format", Type::Str).or_null(),
        ],
        from_text,
    ),
    Function::function(
        "datetime",
        &[Param::new("timestamp", Type::Number), OFFSET],
        |call| {
            let moment = datetime::from_timestamp(call.arg(0), call.timespan(1)?)?;
            Ok(Value::DateTime(moment))
        },
    ),
    Function::function(
        "datetime",
        &[
            part("year"),
            part("month"),
            part("day"),
            part("hour").or_int(0),
            part("minute").or_int(0),
            part("second").or_int(0),
            part("microsecond").or_int(0),
            OFFSET,
        ],
        from_parts,
    ),
    Function::function("now", &[OFFSET.nullable()], now),
    Function::method(
        "replace",
        &[
            MOMENT,
            part("year").or_null(),
            part("month").or_null(),
            part("day").or_null(),
            part("hour").or_null(),
            part("minute").or_null(),
            part("second").or_null(),
            part("microsecond").or_null(),
            Param::new("offset", Type::TimeSpan).or_null(),
        ],
        replace,
    ),
    Function::method(
        "format",
        &[MOMENT, Param::new("format", Type::Str)],
        |call| {
            call.budget().steps(call.text(1)?.len() as u64)?;
            let text = datetime::strftime(&call.datetime(0)?, call.text(1)?, call.budget())?;
            Ok(text.into())
        },
    ),
    Function::function("isDatetime", &[Param::any("value")], |call| {
        Ok(Value::Bool(matches!(call.arg(0), Value::DateTime(_))))
    }),
];

/// Longer texts, in bytes, are no dates, and looking for one in them takes long.
const LONGEST: usize = 1000;

fn from_text(call: &Call<'_>) -> Outcome {
    let text = call.text(0)?;
    if text.len() > LONGEST {
        return Err(Fault::bad_value(format!(
            "a text of more than {LONGEST} bytes is no date"
        )));
    }
    let moment = match call.text_or_none(1) {
        None | Some("") => parse(call, text)?,
        Some(format) => datetime::strptime(text, format)?,
    };
    Ok(Value::DateTime(moment))
}

/// What a text leaves out comes from today. Where there is no clock, two days must give the same moment.
fn parse(call: &Call<'_>, text: &str) -> Outcome<DateTime> {
    if let Ok(now) = call.now() {
        return Ok(datetime::parse(text, &now)?);
    }
    let day = |year, month, day| {
        let midnight = FixedOffset::east_opt(0)?.with_ymd_and_hms(year, month, day, 0, 0, 0);
        midnight.single()
    };
    let (Some(one), Some(other)) = (day(2001, 1, 1), day(2002, 2, 5)) else {
        return Err(Fault::bad_value("there is no clock here"));
    };
    let moment = datetime::parse(text, &one)?;
    if datetime::parse(text, &other)? != moment {
        return Err(Fault::bad_value(format!(
            "`{text}` is no full date, and there is no clock here to complete it"
        )));
    }
    Ok(moment)
}

fn from_parts(call: &Call<'_>) -> Outcome {
    let fields = Fields {
        year: call.int(0)?,
        month: call.int(1)?,
        day: call.int(2)?,
        hour: call.int(3)?,
        minute: call.int(4)?,
        second: call.int(5)?,
        microsecond: call.int(6)?,
        offset: call.timespan(7)?,
    };
    Ok(Value::DateTime(fields.build()?))
}

fn now(call: &Call<'_>) -> Outcome {
    let offset = match call.arg(0) {
        Value::TimeSpan(offset) => *offset,
        _ => 0,
    };
    let zone = i32::try_from(offset / 1_000_000)
        .ok()
        .and_then(FixedOffset::east_opt)
        .ok_or_else(|| Fault::bad_value("the offset must be less than a day"))?;
    Ok(Value::DateTime(call.now()?.with_timezone(&zone)))
}

fn replace(call: &Call<'_>) -> Outcome {
    let mut fields = Fields::of(&call.datetime(0)?);
    let parts = [
        &mut fields.year,
        &mut fields.month,
        &mut fields.day,
        &mut fields.hour,
        &mut fields.minute,
        &mut fields.second,
        &mut fields.microsecond,
    ];
    for (index, part) in (1..).zip(parts) {
        if !call.arg(index).is_none() {
            *part = call.int(index)?;
        }
    }
    if let Value::TimeSpan(offset) = call.arg(8) {
        fields.offset = *offset;
    }
    Ok(Value::DateTime(fields.build()?))
}

/// An integer as a float that a division yields.
#[expect(clippy::cast_precision_loss, reason = "Python divides as floats too")]
fn divided(micros: i64, unit: f64) -> Value {
    Value::Float(micros as f64 / unit)
}

/// Whether it is an integer that fits 64 bits.
fn whole(value: &Value) -> Result<Value, Error> {
    as_big(value)
        .map(Value::from_big)
        .ok_or_else(|| Error::type_error("an integer is needed"))
}
