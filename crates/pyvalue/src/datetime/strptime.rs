//! `strptime` in the C locale.

use chrono::{Datelike as _, Days, NaiveDate, Weekday};

use super::{DAYS, Fields, MONTHS};
use crate::regex::{self, Flags, Match, Regex};
use crate::{DateTime, Error, Value, text};

/// Longer formats than this are nobody's.
const MAX_FORMAT: usize = 1000;

/// `datetime.strptime(text, format)`; UTC where the text has no zone.
pub fn strptime(text: &str, format: &str) -> Result<DateTime, Error> {
    let pattern = pattern(format)?;
    let flags = Flags {
        ignore_case: true,
        ..Flags::default()
    };
    let regex = Regex::cached(&pattern, flags)?;
    let Some(found) = regex.match_start(text)? else {
        return Err(Error::value_error(format!(
            "time data {} does not match format {}",
            Value::from(text).repr(),
            Value::from(format).repr()
        )));
    };
    let rest = &text[found.text().len()..];
    if !rest.is_empty() {
        return Err(Error::value_error(format!(
            "unconverted data remains: {rest}"
        )));
    }
    moment(&found)
}

/// The regular expression of a format.
fn pattern(format: &str) -> Result<String, Error> {
    if format.len() > MAX_FORMAT {
        return Err(Error::value_error(format!(
            "the format is longer than {MAX_FORMAT} bytes"
        )));
    }
    let mut pattern = String::new();
    let mut characters = format.chars().peekable();
    while let Some(character) = characters.next() {
        if text::is_whitespace(character) {
            while characters
                .next_if(|next| text::is_whitespace(*next))
                .is_some()
            {}
            pattern.push_str(r"\s+");
            continue;
        }
        if character != '%' {
            pattern.push_str(&regex::escape(&character.to_string()));
            continue;
        }
        let letter = characters
            .next()
            .ok_or_else(|| Error::value_error(format!("stray % in format '{format}'")))?;
        pattern.push_str(&directive(letter).ok_or_else(|| {
            Error::value_error(format!(
                "'{letter}' is a bad directive in format '{format}'"
            ))
        })?);
    }
    Ok(pattern)
}

/// What a directive matches, in a group of its name.
fn directive(letter: char) -> Option<String> {
    let short =
        |names: &[&str]| -> Vec<String> { names.iter().map(|name| name[..3].to_owned()).collect() };
    let inner = match letter {
        'a' => short(&DAYS).join("|"),
        'A' => DAYS.join("|"),
        'b' => short(&MONTHS).join("|"),
        'B' => MONTHS.join("|"),
        'd' => r"3[01]|[12]\d|0[1-9]|[1-9]| [1-9]".to_owned(),
        'f' => "[0-9]{1,6}".to_owned(),
        'G' | 'Y' => r"\d{4}".to_owned(),
        'H' => r"2[0-3]|[01]\d|\d".to_owned(),
        'I' | 'm' => "1[0-2]|0[1-9]|[1-9]".to_owned(),
        'j' => r"36[0-6]|3[0-5]\d|[12]\d\d|0[1-9]\d|00[1-9]|[1-9]\d|0[1-9]|[1-9]".to_owned(),
        'M' => r"[0-5]\d|\d".to_owned(),
        'p' => "am|pm".to_owned(),
        'S' => r"6[01]|[0-5]\d|\d".to_owned(),
        'u' => "[1-7]".to_owned(),
        'U' | 'W' => r"5[0-3]|[0-4]\d|\d".to_owned(),
        'V' => r"5[0-3]|0[1-9]|[1-4]\d|\d".to_owned(),
        'w' => "[0-6]".to_owned(),
        'y' => r"\d\d".to_owned(),
        'z' => r"[+-]\d\d:?[0-5]\d(?::?[0-5]\d(?:\.\d{1,6})?)?|(?-i:Z)".to_owned(),
        'Z' => "utc|gmt".to_owned(),
        '%' => return Some("%".to_owned()),
        'c' => return pattern("%a %b %d %H:%M:%S %Y").ok(),
        'x' => return pattern("%m/%d/%y").ok(),
        'X' => return pattern("%H:%M:%S").ok(),
        _ => return None,
    };
    Some(format!("(?P<{letter}>{inner})"))
}

fn number(found: &Match<'_>, letter: &str) -> Option<i64> {
    let digits = found.named(letter)?.trim_start();
    digits.chars().try_fold(0_i64, |number, digit| {
        let digit = crate::number::decimal_value(digit)?;
        number.checked_mul(10)?.checked_add(i64::from(digit))
    })
}

fn name(found: &Match<'_>, letter: &str, names: &[&str]) -> Option<i64> {
    let lower = found.named(letter)?.to_lowercase();
    let index = names
        .iter()
        .position(|name| name.to_lowercase().starts_with(&lower))?;
    i64::try_from(index).ok()
}

/// Puts together what was found.
fn moment(found: &Match<'_>) -> Result<DateTime, Error> {
    let year = year(found);
    let weekday = name(found, "a", &DAYS)
        .or_else(|| name(found, "A", &DAYS))
        .or_else(|| number(found, "w").map(|day| (day + 6) % 7))
        .or_else(|| number(found, "u").map(|day| day - 1));
    let month = number(found, "m")
        .or_else(|| name(found, "b", &MONTHS).map(|month| month + 1))
        .or_else(|| name(found, "B", &MONTHS).map(|month| month + 1));
    let mut fields = Fields {
        year: year.unwrap_or(1900),
        month: month.unwrap_or(1),
        day: number(found, "d").unwrap_or(1),
        hour: hour(found),
        minute: number(found, "M").unwrap_or(0),
        second: number(found, "S").unwrap_or(0),
        microsecond: found
            .named("f")
            .map_or(0, |digits| format!("{digits:0<6}").parse().unwrap_or(0)),
        offset: found.named("z").map_or(0, offset),
    };
    if let Some(date) = date_of_week(found, &fields, year, weekday)? {
        fields.year = date.year().into();
        fields.month = date.month().into();
        fields.day = date.day().into();
    }
    fields.build()
}

fn year(found: &Match<'_>) -> Option<i64> {
    let short = number(found, "y").map(|year| year + if year <= 68 { 2000 } else { 1900 });
    number(found, "Y").or(short)
}

fn hour(found: &Match<'_>) -> i64 {
    if let Some(hour) = number(found, "H") {
        return hour;
    }
    let Some(hour) = number(found, "I") else {
        return 0;
    };
    let is_afternoon = found
        .named("p")
        .is_some_and(|half| half.eq_ignore_ascii_case("pm"));
    hour % 12 + if is_afternoon { 12 } else { 0 }
}

/// Microseconds east of UTC; fractions of seconds are dropped.
fn offset(text: &str) -> i64 {
    let digits: Vec<i64> = text
        .split('.')
        .next()
        .unwrap_or_default()
        .chars()
        .filter_map(crate::number::decimal_value)
        .map(i64::from)
        .collect();
    let pair = |at: usize| match digits.get(at..at + 2) {
        Some([tens, ones]) => tens * 10 + ones,
        _ => 0,
    };
    let seconds = pair(0) * 3600 + pair(2) * 60 + pair(4);
    if text.starts_with('-') {
        -seconds * super::MICROS
    } else {
        seconds * super::MICROS
    }
}

/// The date by the day of the year, or by a week and its day.
fn date_of_week(
    found: &Match<'_>,
    fields: &Fields,
    year: Option<i64>,
    weekday: Option<i64>,
) -> Result<Option<NaiveDate>, Error> {
    let iso_year = number(found, "G");
    let iso_week = number(found, "V");
    check_iso(
        found,
        iso_year.filter(|_| year.is_none()),
        iso_week,
        weekday,
    )?;
    let first = i32::try_from(fields.year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, 1, 1));
    let after = |days: i64| {
        let first = first?;
        match u64::try_from(days) {
            Ok(days) => first.checked_add_days(Days::new(days)),
            Err(_) => first.checked_sub_days(Days::new(days.unsigned_abs())),
        }
    };
    if let Some(day) = number(found, "j") {
        return Ok(after(day - 1));
    }
    let Some(weekday) = weekday else {
        return Ok(None);
    };
    if let (None, Some(year), Some(week)) = (year, iso_year, iso_week) {
        let day = Weekday::try_from(u8::try_from(weekday).unwrap_or(0)).unwrap_or(Weekday::Mon);
        let (Ok(year), Ok(week)) = (i32::try_from(year), u32::try_from(week)) else {
            return Ok(None);
        };
        return NaiveDate::from_isoywd_opt(year, week, day)
            .map(Some)
            .ok_or_else(|| Error::value_error(format!("Invalid week: {week}")));
    }
    let week = number(found, "U")
        .map(|week| (week, 1))
        .or_else(|| number(found, "W").map(|week| (week, 0)));
    let (Some((week, shift)), Some(_), Some(first)) = (week, year, first) else {
        return Ok(None);
    };
    // Days since the first of the year: weeks begin on Sunday (shift 1) or Monday.
    let first_day = (i64::from(first.weekday().num_days_from_monday()) + shift) % 7;
    let day = (weekday + shift) % 7;
    let days = if week == 0 {
        day - first_day
    } else {
        (7 - first_day) % 7 + 7 * (week - 1) + day
    };
    Ok(after(days))
}

fn check_iso(
    found: &Match<'_>,
    year: Option<i64>,
    week: Option<i64>,
    weekday: Option<i64>,
) -> Result<(), Error> {
    if year.is_some() {
        if number(found, "j").is_some() {
            return Err(Error::value_error(
                "Day of the year directive '%j' is not compatible with ISO year directive '%G'. Use '%Y' instead.",
            ));
        }
        if week.is_none() || weekday.is_none() {
            return Err(Error::value_error(
                "ISO year directive '%G' must be used with the ISO week directive '%V' and a weekday directive ('%A', '%a', '%w', or '%u').",
            ));
        }
    } else if week.is_some() && found.named("U").or(found.named("W")).is_none() {
        return Err(Error::value_error(if weekday.is_none() {
            "ISO week directive '%V' must be used with the ISO year directive '%G' and a weekday directive ('%A', '%a', '%w', or '%u')."
        } else {
            "ISO week directive '%V' is incompatible with the year directive '%Y'. Use the ISO year '%G' instead."
        }));
    }
    Ok(())
}
