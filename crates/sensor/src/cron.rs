//! Cron fields as StackStorm's timers take them: `APScheduler`'s names, numbering and defaults.
//!
//! The `cron` crate walks years, months and times of day. Which days count is decided here, since `week`, `last`,
//! `2nd tue` and a Monday numbered 0 are nothing that it can say.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;
use model::Object;
use serde_json::Value;

/// The fields, most significant first: the order in which defaults are given.
const FIELDS: [Field; 8] = [
    Field {
        name: "year",
        first: 1970,
        last: 2099,
        default: "*",
    },
    Field {
        name: "month",
        first: 1,
        last: 12,
        default: "1",
    },
    Field {
        name: "day",
        first: 1,
        last: 31,
        default: "1",
    },
    Field {
        name: "week",
        first: 1,
        last: 53,
        default: "*",
    },
    Field {
        name: "day_of_week",
        first: 0,
        last: 6,
        default: "*",
    },
    Field {
        name: "hour",
        first: 0,
        last: 23,
        default: "0",
    },
    Field {
        name: "minute",
        first: 0,
        last: 59,
        default: "0",
    },
    Field {
        name: "second",
        first: 0,
        last: 59,
        default: "0",
    },
];
const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ORDINALS: [&str; 6] = ["1st", "2nd", "3rd", "4th", "5th", "last"];
/// Days looked at before a schedule is taken to be over: four years and more hold every combination of day and
/// weekday that recurs at all within a leap cycle.
const MOST_DAYS: u32 = 366 * 28;

struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    default: &'static str,
}

/// Why cron fields cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CronError {
    /// A field's text says nothing known.
    #[error("cron field `{field}` has the unknown expression `{text}`{hint}")]
    Expression {
        /// Which field.
        field: &'static str,
        /// Its text.
        text: String,
        /// What could be meant.
        hint: String,
    },
    /// A number is out of the field's range.
    #[error("cron field `{field}`: {value} is out of range, {first} to {last} is expected")]
    Range {
        /// Which field.
        field: &'static str,
        /// The number.
        value: u32,
        /// Smallest number.
        first: u32,
        /// Largest number.
        last: u32,
    },
    /// The `cron` crate refused the fields together.
    #[error("the cron fields cannot be used together: {0}")]
    Together(String),
}

/// A compiled set of cron fields.
#[derive(Debug, Clone)]
pub struct CronFields {
    times: cron::Schedule,
    day: Vec<DayOfMonth>,
    week: Numbers,
    weekday: Numbers,
}

/// Numbers that count; `None` is any.
type Numbers = Option<Vec<u32>>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum DayOfMonth {
    Numbered(Vec<u32>),
    Last,
    /// Which one (1 to 5, or 6 for the last), of which weekday.
    Nth(usize, Weekday),
}

impl CronFields {
    /// Compiles the fields that stand in a `CronTimer`'s parameters (others, such as `timezone`, are passed over).
    pub fn compile(parameters: &Object) -> Result<Self, CronError> {
        let texts = field_texts(parameters);
        let numbers = |index: usize| numbers(&FIELDS[index], &texts[index]);
        let part = |index: usize| {
            numbers(index).map(|numbers| match numbers {
                None => "*".to_owned(),
                Some(list) => list
                    .iter()
                    .map(u32::to_string)
                    .collect::<Vec<_>>()
                    .join(","),
            })
        };
        let (year, month, hour, minute, second) =
            (part(0)?, part(1)?, part(5)?, part(6)?, part(7)?);
        let line = format!("{second} {minute} {hour} * {month} * {year}");
        Ok(Self {
            times: cron::Schedule::from_str(&line)
                .map_err(|error| CronError::Together(error.to_string()))?,
            day: days_of_month(&texts[2])?,
            week: numbers(3)?,
            weekday: numbers(4)?,
        })
    }

    /// The first time after `after` that the fields name; `None` where there is none any more.
    #[must_use]
    pub fn next_after(&self, after: DateTime<Tz>) -> Option<DateTime<Tz>> {
        let mut from = after;
        for _ in 0..MOST_DAYS {
            let candidate = self.times.after(&from).next()?;
            if self.is_day(candidate.date_naive()) {
                return Some(candidate);
            }
            from = end_of_day(candidate)?;
        }
        None
    }

    fn is_day(&self, date: NaiveDate) -> bool {
        let counts = |numbers: &Numbers, number: u32| {
            numbers.as_ref().is_none_or(|list| list.contains(&number))
        };
        counts(&self.week, date.iso_week().week())
            && counts(&self.weekday, date.weekday().num_days_from_monday())
            && self.day.iter().any(|day| day.is(date))
    }
}

impl DayOfMonth {
    fn is(&self, date: NaiveDate) -> bool {
        match self {
            Self::Numbered(list) => list.contains(&date.day()),
            Self::Last => is_last_week_of_month(date, 1),
            Self::Nth(6, weekday) => date.weekday() == *weekday && is_last_week_of_month(date, 7),
            Self::Nth(nth, weekday) => {
                date.weekday() == *weekday && (date.day() as usize).div_ceil(7) == *nth
            }
        }
    }
}

/// Whether fewer than `days` days of the month are left after `date` and itself.
fn is_last_week_of_month(date: NaiveDate, days: u64) -> bool {
    date.checked_add_days(Days::new(days))
        .is_none_or(|later| later.month() != date.month())
}

/// The last second of the candidate's day, by the wall clock; where that hour does not exist, the next that does.
fn end_of_day(candidate: DateTime<Tz>) -> Option<DateTime<Tz>> {
    let midnight = candidate.date_naive().succ_opt()?.and_time(NaiveTime::MIN);
    let zone = candidate.timezone();
    (0..24 * 4)
        .find_map(|quarters| {
            zone.from_local_datetime(&(midnight + chrono::Duration::minutes(15 * quarters)))
                .earliest()
        })
        .map(|start| start - chrono::Duration::seconds(1))
}

/// The text of each field. As in `APScheduler`: what is less significant than the last field that is given starts at
/// its first value, what is more significant and not given is any.
fn field_texts(parameters: &Object) -> Vec<String> {
    let given: Vec<Option<String>> = FIELDS
        .iter()
        .map(|field| parameters.get(field.name).and_then(text))
        .collect();
    let last_given = given.iter().rposition(Option::is_some);
    given
        .into_iter()
        .enumerate()
        .map(|(index, text)| match text {
            Some(text) => text,
            None if last_given.is_some_and(|last| index > last) => FIELDS[index].default.to_owned(),
            None => "*".to_owned(),
        })
        .collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.trim().to_ascii_lowercase()),
        other => Some(other.to_string()),
    }
}

/// The days of a month that a `day` text names: numbers, `last`, `last fri`, `2nd tue`, in a list.
fn days_of_month(text: &str) -> Result<Vec<DayOfMonth>, CronError> {
    let mut plain = Vec::new();
    let mut days = Vec::new();
    for part in text.split(',').map(str::trim) {
        match part.split_once(' ') {
            _ if part == "last" => days.push(DayOfMonth::Last),
            Some((ordinal, weekday)) => days.push(nth_weekday(part, ordinal, weekday.trim())?),
            None => plain.push(part),
        }
    }
    if !plain.is_empty() {
        let field = &FIELDS[2];
        let list = numbers(field, &plain.join(","))?;
        days.push(DayOfMonth::Numbered(
            list.unwrap_or_else(|| (field.first..=field.last).collect()),
        ));
    }
    Ok(days)
}

fn nth_weekday(part: &str, ordinal: &str, weekday: &str) -> Result<DayOfMonth, CronError> {
    let nth = ORDINALS.iter().position(|known| *known == ordinal);
    match (nth, weekday.parse::<Weekday>()) {
        (Some(nth), Ok(weekday)) => Ok(DayOfMonth::Nth(nth + 1, weekday)),
        _ => Err(CronError::Expression {
            field: "day",
            text: part.to_owned(),
            hint: "; such as `2nd tue` or `last fri` is expected".to_owned(),
        }),
    }
}

/// The numbers that a text names: `*`, `*/n`, `a`, `a-b`, `a-b/n`, `a/n`, names, in a list.
fn numbers(field: &'static Field, text: &str) -> Result<Numbers, CronError> {
    let mut all = Vec::new();
    for part in text.split(',').map(str::trim) {
        if part == "*" {
            return Ok(None);
        }
        all.extend(range(field, part)?);
    }
    all.sort_unstable();
    all.dedup();
    Ok(Some(all))
}

fn range(
    field: &'static Field,
    part: &str,
) -> Result<impl Iterator<Item = u32> + use<>, CronError> {
    let unknown = |hint: &str| CronError::Expression {
        field: field.name,
        text: part.to_owned(),
        hint: hint.to_owned(),
    };
    let (span, step) = match part.split_once('/') {
        None => (part, None),
        Some((span, step)) => (
            span,
            Some(
                step.parse::<u32>()
                    .map_err(|_| unknown("; the step is no number"))?,
            ),
        ),
    };
    if step == Some(0) {
        return Err(unknown("; the step must be at least 1"));
    }
    let (first, last) = match span.split_once('-') {
        _ if span == "*" => (field.first, field.last),
        Some((first, last)) => (number(field, first, part)?, number(field, last, part)?),
        None => {
            let first = number(field, span, part)?;
            (first, if step.is_some() { field.last } else { first })
        }
    };
    if first > last {
        return Err(unknown("; the range ends before it begins"));
    }
    Ok((first..=last).step_by(step.unwrap_or(1) as usize))
}

fn number(field: &'static Field, text: &str, part: &str) -> Result<u32, CronError> {
    let names: &[&str] = match field.name {
        "month" => &MONTHS,
        "day_of_week" => &WEEKDAYS,
        _ => &[],
    };
    let by_name = names
        .iter()
        .position(|name| *name == text)
        .and_then(|index| u32::try_from(index).ok());
    let value = match by_name {
        Some(index) => index + field.first,
        None => text.parse().map_err(|_| CronError::Expression {
            field: field.name,
            text: part.to_owned(),
            hint: if names.is_empty() {
                String::new()
            } else {
                format!("; names are {}", names.join(", "))
            },
        })?,
    };
    if (field.first..=field.last).contains(&value) {
        Ok(value)
    } else {
        Err(CronError::Range {
            field: field.name,
            value,
            first: field.first,
            last: field.last,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(parameters: Value) -> Result<CronFields, CronError> {
        CronFields::compile(&serde_json::from_value(parameters).unwrap())
    }

    fn firings(parameters: Value, after: &str, zone: Tz, count: usize) -> Vec<String> {
        let fields = fields(parameters).unwrap();
        let mut at = after
            .parse::<DateTime<chrono::Utc>>()
            .unwrap()
            .with_timezone(&zone);
        std::iter::from_fn(|| {
            at = fields.next_after(at)?;
            Some(at.format("%a %Y-%m-%d %H:%M:%S %Z").to_string())
        })
        .take(count)
        .collect()
    }

    #[test]
    fn starts_less_significant_fields_at_their_first_value() {
        assert_eq!(
            firings(json!({"hour": 5}), "2026-01-01T06:00:00Z", Tz::UTC, 2),
            ["Fri 2026-01-02 05:00:00 UTC", "Sat 2026-01-03 05:00:00 UTC"]
        );
    }

    #[test]
    fn numbers_monday_0_and_knows_names() {
        for weekday in [json!(0), json!("mon"), json!("MON"), json!("0-0")] {
            assert_eq!(
                firings(
                    json!({"day_of_week": weekday, "hour": 9}),
                    "2026-01-01T00:00:00Z",
                    Tz::UTC,
                    1
                ),
                ["Mon 2026-01-05 09:00:00 UTC"]
            );
        }
    }

    #[test]
    fn says_what_the_cron_crate_cannot() {
        let at = "2026-01-01T00:00:00Z";

        assert_eq!(
            firings(json!({"day": "last"}), at, Tz::UTC, 2),
            ["Sat 2026-01-31 00:00:00 UTC", "Sat 2026-02-28 00:00:00 UTC"]
        );
        assert_eq!(
            firings(json!({"day": "2nd tue"}), at, Tz::UTC, 1),
            ["Tue 2026-01-13 00:00:00 UTC"]
        );
        assert_eq!(
            firings(json!({"day": "last fri"}), at, Tz::UTC, 1),
            ["Fri 2026-01-30 00:00:00 UTC"]
        );
        assert_eq!(
            firings(json!({"week": 2}), at, Tz::UTC, 1),
            ["Mon 2026-01-05 00:00:00 UTC"]
        );
        assert_eq!(
            firings(json!({"day": "1,last"}), at, Tz::UTC, 2),
            ["Sat 2026-01-31 00:00:00 UTC", "Sun 2026-02-01 00:00:00 UTC"]
        );
    }

    #[test]
    fn steps_through_ranges() {
        assert_eq!(
            firings(
                json!({"minute": "10-30/10"}),
                "2026-01-01T00:00:00Z",
                Tz::UTC,
                4
            ),
            [
                "Thu 2026-01-01 00:10:00 UTC",
                "Thu 2026-01-01 00:20:00 UTC",
                "Thu 2026-01-01 00:30:00 UTC",
                "Thu 2026-01-01 01:10:00 UTC"
            ]
        );
        assert_eq!(
            firings(
                json!({"second": "*/20"}),
                "2026-01-01T00:00:01Z",
                Tz::UTC,
                2
            ),
            ["Thu 2026-01-01 00:00:20 UTC", "Thu 2026-01-01 00:00:40 UTC"]
        );
    }

    #[test]
    fn follows_the_wall_clock_through_a_change_of_daylight_saving() {
        assert_eq!(
            firings(
                json!({"hour": 12}),
                "2026-03-28T00:00:00Z",
                Tz::Europe__Berlin,
                2
            ),
            [
                "Sat 2026-03-28 12:00:00 CET",
                "Sun 2026-03-29 12:00:00 CEST"
            ]
        );
    }

    #[test]
    fn ends_when_no_time_is_left() {
        assert!(firings(json!({"year": 2020}), "2026-01-01T00:00:00Z", Tz::UTC, 1).is_empty());
        assert!(
            firings(
                json!({"month": 2, "day": 30}),
                "2026-01-01T00:00:00Z",
                Tz::UTC,
                1
            )
            .is_empty()
        );
    }

    #[test]
    fn says_what_is_wrong_with_a_field() {
        let message = |parameters| fields(parameters).unwrap_err().to_string();

        assert_eq!(
            message(json!({"minute": 60})),
            "cron field `minute`: 60 is out of range, 0 to 59 is expected"
        );
        assert_eq!(
            message(json!({"day_of_week": "monday"})),
            "cron field `day_of_week` has the unknown expression `monday`; names are mon, tue, wed, thu, fri, sat, sun"
        );
        assert_eq!(
            message(json!({"day": "2nd tuesdy"})),
            "cron field `day` has the unknown expression `2nd tuesdy`; such as `2nd tue` or `last fri` is expected"
        );
        assert_eq!(
            message(json!({"hour": "8-6"})),
            "cron field `hour` has the unknown expression `8-6`; the range ends before it begins"
        );
    }
}
