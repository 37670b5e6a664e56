//! Python's `datetime` and `timedelta`: reading, building, printing, counting.

use crate::{Budget, DateTime, Error, Value};

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
    /// Microseconds east of UTC, less than a day; whole seconds.
    pub offset: i64,
}

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

fn pending() -> Error {
    Error::value_error("not yet")
}

impl Fields {
    /// The parts of a moment.
    #[must_use]
    pub fn of(moment: &DateTime) -> Self {
        use chrono::{Datelike as _, Timelike as _};
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
        Err(pending())
    }
}

/// Reads any text that `dateutil.parser.parse` reads. Without a zone it is UTC; what the text leaves out comes from
/// `now`'s date, at midnight.
pub fn parse(_text: &str, _now: &DateTime) -> Result<DateTime, Error> {
    Err(pending())
}

/// Microseconds east of UTC.
#[must_use]
pub fn offset(moment: &DateTime) -> i64 {
    i64::from(moment.offset().local_minus_utc()) * 1_000_000
}

/// `datetime.fromtimestamp(seconds, timezone(offset))`: seconds since 1970, offset in microseconds.
pub fn from_timestamp(_seconds: &Value, _offset: i64) -> Result<DateTime, Error> {
    Err(pending())
}

/// Seconds since 1970.
#[must_use]
pub fn timestamp(_moment: &DateTime) -> f64 {
    0.0
}

/// 0 is Monday.
#[must_use]
pub fn weekday(moment: &DateTime) -> i64 {
    use chrono::Datelike as _;
    moment.weekday().num_days_from_monday().into()
}

/// `moment.isoformat()`.
#[must_use]
pub fn iso_format(_moment: &DateTime) -> String {
    String::new()
}

/// `str(moment)`.
#[must_use]
pub fn text(_moment: &DateTime) -> String {
    String::new()
}

/// `repr(moment)`.
#[must_use]
pub fn repr(_moment: &DateTime) -> String {
    String::new()
}

/// `moment.strftime(format)`.
pub fn strftime(_moment: &DateTime, _format: &str, _budget: &Budget) -> Result<String, Error> {
    Err(pending())
}

/// `datetime.strptime(text, format)`; UTC where the text has no zone.
pub fn strptime(_text: &str, _format: &str) -> Result<DateTime, Error> {
    Err(pending())
}

/// `moment + span` (microseconds).
pub fn add(_moment: &DateTime, _span: i64) -> Result<DateTime, Error> {
    Err(pending())
}

/// `moment - moment`, in microseconds.
#[must_use]
pub fn difference(moment: &DateTime, other: &DateTime) -> i64 {
    moment.timestamp_micros() - other.timestamp_micros()
}

/// `timedelta(...)` of integers and floats, in microseconds, rounded as Python does (half to even).
pub fn span(_parts: &[(Unit, &Value)]) -> Result<i64, Error> {
    Err(pending())
}

/// `str(span)`: `1 day, 2:03:04.000005`.
#[must_use]
pub fn span_text(_span: i64) -> String {
    String::new()
}

/// `repr(span)`: `datetime.timedelta(days=1, seconds=7384, microseconds=5)`.
#[must_use]
pub fn span_repr(_span: i64) -> String {
    String::new()
}

/// `span.total_seconds()`.
#[must_use]
pub fn total_seconds(_span: i64) -> f64 {
    0.0
}
