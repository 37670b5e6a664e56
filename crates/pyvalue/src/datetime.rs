//! Python's `datetime` and `timedelta`: reading, building, printing, counting.

mod loose;
mod span;
mod strftime;
mod strptime;

use chrono::{Datelike as _, FixedOffset, NaiveDate, NaiveDateTime, TimeZone as _, Timelike as _};

pub use loose::parse;
pub use span::{Unit, span, span_repr, span_text, total_seconds};
pub use strftime::strftime;
pub use strptime::strptime;

use crate::{Class, DateTime, Error, Value};

/// Names of months, beginning with January.
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Names of days, beginning with Monday.
const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];
const MICROS: i64 = 1_000_000;

/// Parts of a moment, as `datetime()` takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fields {
    /// 1 to 9999.
    pub year: i64,
    /// 1 to 12.
    pub month: i64,
    /// 1 to the month's last.
    pub day: i64,
    /// 0 to 23.
    pub hour: i64,
    /// 0 to 59.
    pub minute: i64,
    /// 0 to 59.
    pub second: i64,
    /// 0 to 999999.
    pub microsecond: i64,
    /// Microseconds east of UTC, less than a day; what is less than a second is dropped.
    pub offset: i64,
}

impl Fields {
    /// The parts of a moment.
    #[must_use]
    pub fn of(moment: &DateTime) -> Self {
        Self {
            year: moment.year().into(),
            month: moment.month().into(),
            day: moment.day().into(),
            hour: moment.hour().into(),
            minute: moment.minute().into(),
            second: moment.second().into(),
            microsecond: i64::from(moment.nanosecond() / 1000 % 1_000_000),
            offset: offset(moment),
        }
    }

    /// The moment, if Python would take each part.
    pub fn build(&self) -> Result<DateTime, Error> {
        let naive = self.build_naive()?;
        let zone = zone(self.offset)?;
        at_local(naive, zone)
    }

    fn build_naive(&self) -> Result<NaiveDateTime, Error> {
        let small = |value: i64| u32::try_from(value).unwrap_or(u32::MAX);
        if !(1..=9999).contains(&self.year) {
            return Err(Error::value_error(format!(
                "year {} is out of range",
                self.year
            )));
        }
        let ranges = [
            (self.month, 1, 12, "month"),
            (self.hour, 0, 23, "hour"),
            (self.minute, 0, 59, "minute"),
            (self.second, 0, 59, "second"),
            (self.microsecond, 0, 999_999, "microsecond"),
        ];
        let date = || {
            let year = i32::try_from(self.year).unwrap_or_default();
            NaiveDate::from_ymd_opt(year, small(self.month), small(self.day))
        };
        for (value, first, last, name) in ranges {
            if !(first..=last).contains(&value) {
                return Err(Error::value_error(format!(
                    "{name} must be in {first}..{last}"
                )));
            }
            if name == "month" && date().is_none() {
                return Err(Error::value_error("day is out of range for month"));
            }
        }
        date()
            .and_then(|date| {
                date.and_hms_micro_opt(
                    small(self.hour),
                    small(self.minute),
                    small(self.second),
                    small(self.microsecond),
                )
            })
            .ok_or_else(|| Error::value_error("day is out of range for month"))
    }
}

/// The zone of an offset in microseconds.
fn zone(offset: i64) -> Result<FixedOffset, Error> {
    i32::try_from(offset / MICROS)
        .ok()
        .and_then(FixedOffset::east_opt)
        .ok_or_else(|| {
            Error::value_error(
                "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24).",
            )
        })
}

fn at_local(naive: NaiveDateTime, zone: FixedOffset) -> Result<DateTime, Error> {
    zone.from_local_datetime(&naive)
        .single()
        .ok_or_else(out_of_range)
}

fn out_of_range() -> Error {
    Error::new(Class::Overflow, "date value out of range")
}

/// The moment, if its year is one of Python's.
fn checked(moment: DateTime) -> Result<DateTime, Error> {
    if (1..=9999).contains(&moment.year()) {
        Ok(moment)
    } else {
        Err(out_of_range())
    }
}

/// Microseconds east of UTC.
#[must_use]
pub fn offset(moment: &DateTime) -> i64 {
    i64::from(moment.offset().local_minus_utc()) * MICROS
}

/// `datetime.fromtimestamp(seconds, timezone(offset))`: seconds since 1970, offset in microseconds.
pub fn from_timestamp(seconds: &Value, offset: i64) -> Result<DateTime, Error> {
    let zone = zone(offset)?;
    let too_large = || {
        Error::new(
            Class::Overflow,
            "timestamp out of range for platform time_t",
        )
    };
    let micros = match seconds {
        Value::Bool(truth) => i64::from(*truth) * MICROS,
        Value::Int(seconds) => seconds.checked_mul(MICROS).ok_or_else(|| {
            Error::value_error(format!("year is out of range: timestamp {seconds}"))
        })?,
        Value::Big(_) => return Err(too_large()),
        Value::Float(seconds) if seconds.is_nan() => {
            return Err(Error::value_error("Invalid value NaN (not a number)"));
        }
        Value::Float(seconds) => {
            let whole = span::to_whole(seconds.trunc()).ok_or_else(too_large)?;
            let micros = (seconds.fract() * 1e6).round_ties_even();
            whole
                .checked_mul(MICROS)
                .and_then(|whole| whole.checked_add(span::to_whole(micros)?))
                .ok_or_else(too_large)?
        }
        other => {
            return Err(Error::type_error(format!(
                "'{}' object cannot be interpreted as an integer",
                other.type_name()
            )));
        }
    };
    let utc = chrono::DateTime::from_timestamp_micros(micros).ok_or_else(out_of_range)?;
    if !(1..=9999).contains(&utc.year()) {
        return Err(Error::value_error(format!(
            "year {} is out of range",
            utc.year()
        )));
    }
    checked(utc.with_timezone(&zone))
}

/// Seconds since 1970.
#[must_use]
pub fn timestamp(moment: &DateTime) -> f64 {
    total_seconds(moment.timestamp_micros())
}

/// 0 is Monday.
#[must_use]
pub fn weekday(moment: &DateTime) -> i64 {
    moment.weekday().num_days_from_monday().into()
}

/// `moment.isoformat()`.
#[must_use]
pub fn iso_format(moment: &DateTime) -> String {
    text(moment).replacen(' ', "T", 1)
}

/// `str(moment)`.
#[must_use]
pub fn text(moment: &DateTime) -> String {
    let fields = Fields::of(moment);
    let mut text = format!(
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        fields.year, fields.month, fields.day, fields.hour, fields.minute, fields.second
    );
    if fields.microsecond > 0 {
        text.extend([format!(".{:06}", fields.microsecond)]);
    }
    text.push_str(&offset_text(moment, ":"));
    text
}

/// `+02:00`, with seconds where the offset has some.
fn offset_text(moment: &DateTime, separator: &str) -> String {
    let offset = moment.offset().local_minus_utc();
    let sign = if offset < 0 { '-' } else { '+' };
    let (minutes, seconds) = (offset.abs() / 60, offset.abs() % 60);
    let mut text = format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60);
    if seconds > 0 {
        text.extend([format!("{separator}{seconds:02}")]);
    }
    text
}

/// `repr(moment)`.
#[must_use]
pub fn repr(moment: &DateTime) -> String {
    Value::DateTime(*moment).repr()
}

/// `moment + span` (microseconds).
pub fn add(moment: &DateTime, span: i64) -> Result<DateTime, Error> {
    moment
        .checked_add_signed(chrono::Duration::microseconds(span))
        .ok_or_else(out_of_range)
        .and_then(checked)
}

/// `moment - moment`, in microseconds.
#[must_use]
pub fn difference(moment: &DateTime, other: &DateTime) -> i64 {
    moment.timestamp_micros() - other.timestamp_micros()
}
