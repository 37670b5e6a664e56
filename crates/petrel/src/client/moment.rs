//! Times on the command line.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeDelta, Utc};
use lifecycle::Clock;

use super::usage::UsageError;

/// A value parser for clap: a time as the API takes it, from `2026-11-21`, `2026-11-21T08:00:00Z`, or how long ago:
/// `90s`, `30m`, `2h`, `7d`.
pub(crate) fn moment(text: &str) -> Result<String, UsageError> {
    before(text, Clock::system().now())
}

fn before(text: &str, now: DateTime<Utc>) -> Result<String, UsageError> {
    let found = ago(text)
        .and_then(|delta| now.checked_sub_signed(delta))
        .or_else(|| point(text));
    found
        .map(|time| time.to_rfc3339_opts(SecondsFormat::Micros, true))
        .ok_or_else(|| {
            UsageError::new("write 2026-11-21T08:00:00Z, 2026-11-21, or how long ago, as 2h or 7d")
        })
}

fn ago(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().last()?;
    let count = &text[..text.len() - unit.len_utf8()];
    let count: i64 = count.parse().ok().filter(|count| *count >= 0)?;
    match unit {
        's' => TimeDelta::try_seconds(count),
        'm' => TimeDelta::try_minutes(count),
        'h' => TimeDelta::try_hours(count),
        'd' => TimeDelta::try_days(count),
        _ => None,
    }
}

fn point(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let day: NaiveDate = text.parse().ok()?;
    Some(day.and_hms_opt(0, 0, 0)?.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at_noon(text: &str) -> Result<String, UsageError> {
        before(text, "2026-11-21T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn takes_points_in_time_and_how_long_ago() {
        assert_eq!(
            at_noon("2026-11-20T08:00:00+02:00").unwrap(),
            "2026-11-20T06:00:00.000000Z"
        );
        assert_eq!(
            at_noon("2026-11-20").unwrap(),
            "2026-11-20T00:00:00.000000Z"
        );
        assert_eq!(at_noon("90s").unwrap(), "2026-11-21T11:58:30.000000Z");
        assert_eq!(at_noon("2h").unwrap(), "2026-11-21T10:00:00.000000Z");
        assert_eq!(at_noon("7d").unwrap(), "2026-11-14T12:00:00.000000Z");
    }

    #[test]
    fn says_how_to_write_a_time() {
        for text in ["yesterday", "", "h", "-2h", "9999999999999d", "2é"] {
            let error = at_noon(text).unwrap_err().to_string();

            assert_eq!(
                error, "write 2026-11-21T08:00:00Z, 2026-11-21, or how long ago, as 2h or 7d",
                "{text}"
            );
        }
    }
}
