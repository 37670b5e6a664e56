//! When a timer fires, as a pure function of its parameters and the last firing.
//!
//! Missed firings (nobody was up, or the store was away) collapse into one, for the latest time that was missed.
//! Nothing fires for a time before the timer was first seen.

use chrono::{DateTime, Duration, NaiveDateTime, TimeZone, Utc};
use chrono_tz::Tz;
use model::Trigger;

use crate::{CronError, CronFields};

/// When a timer fires.
#[derive(Debug, Clone)]
pub enum Schedule {
    /// Every so often, counted from the timer's first sight.
    Interval(Duration),
    /// Once.
    Date(DateTime<Utc>),
    /// Whenever the fields say, by the clock of a zone.
    Cron(Box<CronFields>, Tz),
}

/// Why a timer's parameters cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScheduleError {
    /// The type is no timer's.
    #[error("`{0}` is not a timer")]
    NotATimer(String),
    /// `unit` is none.
    #[error("`unit` must be weeks, days, hours, minutes or seconds, not `{0}`")]
    Unit(String),
    /// `delta` is none.
    #[error("`delta` must be a whole number of at least 1")]
    Delta,
    /// `date` is none.
    #[error("`date` must be a time such as `2026-01-31 08:00:00`, not `{0}`")]
    Date(String),
    /// The zone is unknown.
    #[error("time zone `{0}` is unknown: a name such as `Europe/Berlin` or `UTC` is expected")]
    Zone(String),
    /// The cron fields are wrong.
    #[error(transparent)]
    Cron(#[from] CronError),
}

impl Schedule {
    /// Reads the parameters of a timer's trigger.
    pub fn of(trigger: &Trigger) -> Result<Self, ScheduleError> {
        let text = |key: &str| {
            trigger
                .parameters
                .get(key)
                .and_then(serde_json::Value::as_str)
        };
        let zone = text("timezone").map_or(Ok(Tz::UTC), |name| {
            name.parse::<Tz>()
                .map_err(|_| ScheduleError::Zone(name.to_owned()))
        });
        match trigger.type_ref.as_str() {
            "core.st2.IntervalTimer" => interval(
                text("unit").unwrap_or_default(),
                trigger.parameters.get("delta"),
            ),
            "core.st2.DateTimer" => date(text("date").unwrap_or_default(), zone?),
            "core.st2.CronTimer" => Ok(Self::Cron(
                Box::new(CronFields::compile(&trigger.parameters)?),
                zone?,
            )),
            other => Err(ScheduleError::NotATimer(other.to_owned())),
        }
    }

    /// The first time after `last` (the last firing, or the first sight) that this timer is due.
    #[must_use]
    pub fn next_after(&self, last: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Interval(delta) => last.checked_add_signed(*delta),
            Self::Date(date) => (*date > last).then_some(*date),
            Self::Cron(fields, zone) => fields
                .next_after(last.with_timezone(zone))
                .map(|time| time.with_timezone(&Utc)),
        }
    }

    /// The time to fire for at `now`: the latest that is due and was not fired for. `None` if none is due.
    #[must_use]
    pub fn due(&self, last: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let first = self.next_after(last).filter(|next| *next <= now)?;
        match self {
            Self::Interval(delta) => {
                let missed = (now - first).num_microseconds()? / delta.num_microseconds()?;
                first.checked_add_signed(delta.checked_mul(i32::try_from(missed).ok()?)?)
            }
            Self::Date(_) => Some(first),
            Self::Cron(..) => Some(self.latest_before(first, now)),
        }
    }

    /// The latest firing time at or before `now`, walking from `first`; far walks skip ahead by halving.
    fn latest_before(&self, first: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut latest = first;
        let mut back = Duration::seconds(2);
        // Looks back from `now` in growing steps for a start that still has a firing, then walks the short rest.
        while now - back > first {
            if let Some(next) = self.next_after(now - back).filter(|next| *next <= now) {
                latest = next;
                break;
            }
            back = back * 2;
        }
        while let Some(next) = self.next_after(latest).filter(|next| *next <= now) {
            latest = next;
        }
        latest
    }
}

fn interval(unit: &str, delta: Option<&serde_json::Value>) -> Result<Schedule, ScheduleError> {
    let delta = delta
        .and_then(serde_json::Value::as_i64)
        .filter(|delta| *delta > 0)
        .ok_or(ScheduleError::Delta)?;
    let seconds = match unit {
        "weeks" => 7 * 24 * 3600,
        "days" => 24 * 3600,
        "hours" => 3600,
        "minutes" => 60,
        "seconds" => 1,
        other => return Err(ScheduleError::Unit(other.to_owned())),
    };
    delta
        .checked_mul(seconds)
        .and_then(Duration::try_seconds)
        .map(Schedule::Interval)
        .ok_or(ScheduleError::Delta)
}

fn date(text: &str, zone: Tz) -> Result<Schedule, ScheduleError> {
    if let Ok(date) = DateTime::parse_from_rfc3339(text) {
        return Ok(Schedule::Date(date.with_timezone(&Utc)));
    }
    let unknown = || ScheduleError::Date(text.to_owned());
    let date = [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ]
    .iter()
    .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
    .or_else(|| {
        chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .and_then(|day| day.and_hms_opt(0, 0, 0))
    })
    .ok_or_else(unknown)?;
    zone.from_local_datetime(&date)
        .earliest()
        .map(|date| Schedule::Date(date.with_timezone(&Utc)))
        .ok_or_else(unknown)
}

#[cfg(test)]
mod tests {
    use model::{IdSource, Reference};
    use serde_json::{Value, json};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn schedule(kind: &str, parameters: Value) -> Result<Schedule, ScheduleError> {
        Schedule::of(&Trigger {
            uid: String::new(),
            trigger_ref: Reference::new("core", "x"),
            name: "x".into(),
            pack: "core".into(),
            type_ref: format!("core.st2.{kind}"),
            parameters: serde_json::from_value(parameters).unwrap(),
            description: None,
            id: IdSource::new().next(at("2026-01-01T00:00:00Z")),
        })
    }

    #[test]
    fn fires_once_for_all_the_intervals_that_were_missed() {
        let every_minute =
            schedule("IntervalTimer", json!({"unit": "minutes", "delta": 1})).unwrap();
        let last = at("2026-01-01T00:00:00Z");

        assert_eq!(every_minute.due(last, at("2026-01-01T00:00:59Z")), None);
        assert_eq!(
            every_minute.due(last, at("2026-01-01T00:01:00Z")),
            Some(at("2026-01-01T00:01:00Z"))
        );
        assert_eq!(
            every_minute.due(last, at("2026-01-01T03:07:30Z")),
            Some(at("2026-01-01T03:07:00Z"))
        );
    }

    #[test]
    fn fires_once_for_all_the_cron_times_that_were_missed() {
        let hourly = schedule(
            "CronTimer",
            json!({"minute": 0, "timezone": "Europe/Berlin"}),
        )
        .unwrap();

        let due = hourly.due(at("2020-01-01T00:00:00Z"), at("2026-01-01T03:07:30Z"));

        assert_eq!(due, Some(at("2026-01-01T03:00:00Z")));
    }

    #[test]
    fn fires_a_date_once_and_never_for_a_time_before_it_was_seen() {
        let date = schedule(
            "DateTimer",
            json!({"date": "2026-01-01 08:00:00", "timezone": "Europe/Berlin"}),
        )
        .unwrap();

        assert_eq!(
            date.due(at("2025-12-31T00:00:00Z"), at("2026-02-01T00:00:00Z")),
            Some(at("2026-01-01T07:00:00Z"))
        );
        assert_eq!(
            date.due(at("2026-01-01T07:00:00Z"), at("2026-02-01T00:00:00Z")),
            None
        );
    }

    #[test]
    fn says_what_is_wrong_with_parameters() {
        let message = |kind, parameters| schedule(kind, parameters).unwrap_err().to_string();

        assert_eq!(
            message("IntervalTimer", json!({"unit": "minutes", "delta": 0})),
            "`delta` must be a whole number of at least 1"
        );
        assert_eq!(
            message("DateTimer", json!({"date": "x"})),
            "`date` must be a time such as `2026-01-31 08:00:00`, not `x`"
        );
        assert_eq!(
            message("CronTimer", json!({"hour": 1, "timezone": "Mars"})),
            "time zone `Mars` is unknown: a name such as `Europe/Berlin` or `UTC` is expected"
        );
    }
}
