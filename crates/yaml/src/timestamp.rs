//! Dates and times of YAML 1.1, written as ISO 8601.

use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime};

/// `2001-12-14t21:59:43.10-05:00`, taken apart; numbers are not checked yet.
struct Parts<'a> {
    date: [&'a str; 3],
    time: Option<[&'a str; 3]>,
    fraction: &'a str,
    zone: Option<Zone<'a>>,
}

enum Zone<'a> {
    Utc,
    Offset {
        negative: bool,
        hours: &'a str,
        minutes: &'a str,
    },
}

/// Whether a plain scalar has the form of a date or time.
pub(crate) fn is_timestamp(text: &str) -> bool {
    split(text).is_some()
}

/// The ISO 8601 form (as Python's `isoformat`); the error says why the text is no date.
pub(crate) fn to_iso(text: &str) -> Result<String, String> {
    let no_date = || format!("`{text}` is not a date that exists; quote it if it is meant as text");
    let parts = split(text).ok_or_else(no_date)?;
    let [year, month, day] = parts
        .date
        .map(|part| part.parse::<u32>().unwrap_or(u32::MAX));
    let year = i32::try_from(year).ok().filter(|year| *year > 0);
    let date = year
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .ok_or_else(no_date)?;
    let Some(time) = parts.time else {
        return Ok(date.format("%Y-%m-%d").to_string());
    };
    let [hour, minute, second] = time.map(|part| part.parse::<u32>().unwrap_or(u32::MAX));
    let digits: String = format!("{:0<6}", parts.fraction).chars().take(6).collect();
    let micros = digits.parse().unwrap_or(0);
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros).ok_or_else(no_date)?;
    let fraction = if micros == 0 { "" } else { "%.6f" };
    let written = NaiveDateTime::new(date, time)
        .format(&format!("%Y-%m-%dT%H:%M:%S{fraction}"))
        .to_string();
    match parts.zone {
        None => Ok(written),
        Some(zone) => Ok(format!("{written}{}", offset(&zone).ok_or_else(no_date)?)),
    }
}

fn offset(zone: &Zone<'_>) -> Option<FixedOffset> {
    match zone {
        Zone::Utc => FixedOffset::east_opt(0),
        Zone::Offset {
            negative,
            hours,
            minutes,
        } => {
            let minutes = if minutes.is_empty() {
                0
            } else {
                minutes.parse().ok()?
            };
            let seconds = (hours.parse::<i32>().ok()? * 60 + minutes) * 60;
            FixedOffset::east_opt(if *negative { -seconds } else { seconds })
        }
    }
}

fn split(text: &str) -> Option<Parts<'_>> {
    let (year, rest) = digits(text, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 1, 2)?;
    let date = [year, month, day];
    if rest.is_empty() {
        let is_padded = month.len() == 2 && day.len() == 2;
        return is_padded.then_some(Parts {
            date,
            time: None,
            fraction: "",
            zone: None,
        });
    }
    let rest = match rest.strip_prefix(['T', 't']) {
        Some(rest) => rest,
        None => Some(without_blanks(rest)).filter(|after| after.len() < rest.len())?,
    };
    let (hour, rest) = digits(rest, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest, 0, usize::MAX)?,
        None => ("", rest),
    };
    let time = Some([hour, minute, second]);
    if rest.is_empty() {
        return Some(Parts {
            date,
            time,
            fraction,
            zone: None,
        });
    }
    let zone = Some(zone(without_blanks(rest))?);
    Some(Parts {
        date,
        time,
        fraction,
        zone,
    })
}

fn zone(text: &str) -> Option<Zone<'_>> {
    if text == "Z" {
        return Some(Zone::Utc);
    }
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+')?),
    };
    let (hours, rest) = digits(rest, 1, 2)?;
    if rest.is_empty() {
        return Some(Zone::Offset {
            negative,
            hours,
            minutes: "",
        });
    }
    let (minutes, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    rest.is_empty().then_some(Zone::Offset {
        negative,
        hours,
        minutes,
    })
}

fn without_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

fn digits(text: &str, least: usize, most: usize) -> Option<(&str, &str)> {
    let count = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    (count >= least).then(|| text.split_at(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_dates_and_times_as_iso_8601() {
        let cases = [
            ("2026-01-02", "2026-01-02"),
            (
                "2001-12-14t21:59:43.10-05:00",
                "2001-12-14T21:59:43.100000-05:00",
            ),
            ("2020-1-1 10:20:30 Z", "2020-01-01T10:20:30+00:00"),
            ("2020-01-01 1:20:30", "2020-01-01T01:20:30"),
        ];
        for (text, iso) in cases {
            assert_eq!(to_iso(text).as_deref(), Ok(iso), "{text}");
        }
    }

    #[test]
    fn leaves_what_only_looks_like_a_date() {
        for text in [
            "2020-1-1",
            "20-01-01",
            "2020-01-01T",
            "2020-01-01 10:20",
            "2020-01-01x",
            "3.10.1",
        ] {
            assert!(!is_timestamp(text), "{text}");
        }
    }

    #[test]
    fn refuses_days_that_do_not_exist() {
        assert!(to_iso("2020-13-01").is_err());
        assert!(to_iso("2021-02-29").is_err());
    }
}
