//! Points in time as rules find them in payloads: ISO 8601, and the loose forms that Python's dateutil reads.

use chrono::{
    DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone,
    Utc,
};

/// Reads a point in time. Without a zone it is UTC; what is left out is taken from the day of `now`.
pub(crate) fn parse(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let text = text.trim();
    iso(text).or_else(|| Loose::read(text)?.resolve(now))
}

fn iso(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f%#z",
        "%Y-%m-%d %H:%M:%S%.f%#z",
        "%Y%m%dT%H%M%S%.f%#z",
        "%Y-%m-%dT%H:%M%#z",
    ] {
        if let Ok(time) = DateTime::parse_from_str(text, format) {
            return Some(time.to_utc());
        }
    }
    let naive = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    for format in [
        "%Y-%m-%dT%H:%M:%S%.f",
        "%Y-%m-%d %H:%M:%S%.f",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
        "%Y%m%dT%H%M%S%.f",
        "%Y%m%dT%H%M",
    ] {
        if let Ok(time) = NaiveDateTime::parse_from_str(naive, format) {
            return Some(time.and_utc());
        }
    }
    let date = ["%Y-%m-%d", "%Y%m%d"]
        .into_iter()
        .find_map(|format| NaiveDate::parse_from_str(text, format).ok())?;
    (text.len() >= 8).then(|| date.and_time(NaiveTime::MIN).and_utc())
}

/// What was found in a text, before it is put together.
#[derive(Debug, Default)]
struct Loose {
    /// Numbers that are neither year, time nor the day beside a month's name, in order.
    numbers: Vec<u32>,
    year: Option<i32>,
    month: Option<u32>,
    time: Option<NaiveTime>,
    is_afternoon: Option<bool>,
    offset: Option<FixedOffset>,
    year_was_first: bool,
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];
const DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Words that say nothing.
const FILLERS: [&str; 8] = ["at", "on", "and", "of", "st", "nd", "rd", "th"];

impl Loose {
    fn read(text: &str) -> Option<Self> {
        let mut found = Self::default();
        let mut any = false;
        for word in text
            .split(|character: char| character.is_whitespace() || character == ',')
            .filter(|word| !word.is_empty())
        {
            found.word(word)?;
            any = true;
        }
        any.then_some(found)
    }

    fn word(&mut self, word: &str) -> Option<()> {
        if word.contains(':') {
            return self.clock(word);
        }
        if word.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.number(word);
        }
        if self.time.is_some() && word.starts_with(['+', '-']) {
            self.offset = Some(offset(word)?);
            return Some(());
        }
        if word.as_bytes()[0].is_ascii_digit()
            && let Some(parts) = split_date(word)
        {
            return parts.into_iter().try_for_each(|part| self.word(part));
        }
        self.name(word)
    }

    fn number(&mut self, digits: &str) -> Option<()> {
        let value: u32 = digits.parse().ok()?;
        if digits.len() > 2 {
            if digits.len() != 4 || self.year.is_some() {
                return None;
            }
            self.year_was_first = self.numbers.is_empty() && self.month.is_none();
            self.year = i32::try_from(value).ok();
        } else {
            self.numbers.push(value);
        }
        Some(())
    }

    /// `11:59`, `11:59:50.5`, with `Z`, `pm` or an offset right behind it.
    fn clock(&mut self, word: &str) -> Option<()> {
        if self.time.is_some() {
            return None;
        }
        let end = word
            .find(|character: char| !(character.is_ascii_digit() || matches!(character, ':' | '.')))
            .unwrap_or(word.len());
        let (clock, rest) = word.split_at(end);
        let time = ["%H:%M:%S%.f", "%H:%M"]
            .into_iter()
            .find_map(|format| NaiveTime::parse_from_str(clock, format).ok())?;
        self.time = Some(time);
        if rest.is_empty() {
            Some(())
        } else {
            self.word(rest)
        }
    }

    fn name(&mut self, word: &str) -> Option<()> {
        let lower = word.trim_end_matches('.').to_lowercase();
        if let Some(month) = position(&MONTHS, &lower) {
            return self.month.replace(month + 1).is_none().then_some(());
        }
        match lower.as_str() {
            "am" | "a" if self.time.is_some() => self.is_afternoon = Some(false),
            "pm" | "p" if self.time.is_some() => self.is_afternoon = Some(true),
            "z" | "utc" | "gmt" => self.offset = Some(Utc.fix()),
            _ if position(&DAYS, &lower).is_some() || FILLERS.contains(&lower.as_str()) => {}
            // A zone's abbreviation: dateutil reads the time as if it were not there.
            _ if self.time.is_some()
                && (3..=5).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_uppercase()) => {}
            _ => return None,
        }
        Some(())
    }

    fn resolve(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let date = self.date(now.date_naive())?;
        let time = self.clock_time()?;
        let naive = date.and_time(time);
        match self.offset {
            Some(offset) => Some(offset.from_local_datetime(&naive).single()?.to_utc()),
            None => Some(naive.and_utc()),
        }
    }

    fn date(&self, today: NaiveDate) -> Option<NaiveDate> {
        let (mut year, mut month, mut day) = (self.year, self.month, None);
        let mut numbers = self.numbers.clone();
        if month.is_none() && numbers.len() >= 2 {
            // Month first, unless it cannot be one.
            let month_at = usize::from(numbers[0] > 12 && !self.year_was_first);
            month = Some(numbers.remove(month_at));
        }
        if !numbers.is_empty() {
            day = Some(numbers.remove(0));
        }
        if !numbers.is_empty() && year.is_none() {
            year = Some(full_year(numbers.remove(0), today.year()));
        }
        if !numbers.is_empty() {
            return None;
        }
        let (year, month) = (year.unwrap_or(today.year()), month.unwrap_or(today.month()));
        match day {
            Some(day) => NaiveDate::from_ymd_opt(year, month, day),
            None => last_possible(year, month, today.day()),
        }
    }

    fn clock_time(&self) -> Option<NaiveTime> {
        use chrono::Timelike as _;
        let time = self.time.unwrap_or(NaiveTime::MIN);
        match (self.is_afternoon, time.hour()) {
            (Some(_), hour) if hour == 0 || hour > 12 => None,
            (Some(false), 12) => time.with_hour(0),
            (Some(true), hour) if hour < 12 => time.with_hour(hour + 12),
            _ => Some(time),
        }
    }
}

/// Index of the name that is `word`, or starts with it where it has three letters or more.
fn position(names: &[&str], word: &str) -> Option<u32> {
    let index = names.iter().position(|name| {
        *name == word || (word.len() >= 3 && word.len() <= 4 && name.starts_with(word))
    })?;
    u32::try_from(index).ok()
}

/// `15/06/2024`, `15.06.2024`, `2024-06-15`, `4th`.
fn split_date(word: &str) -> Option<Vec<&str>> {
    for separator in ['/', '-', '.'] {
        if word.contains(separator) {
            return Some(word.split(separator).collect());
        }
    }
    let end = word.find(|character: char| !character.is_ascii_digit())?;
    let (number, rest) = word.split_at(end);
    Some(vec![number, rest])
}

fn offset(text: &str) -> Option<FixedOffset> {
    let (sign, digits) = text.split_at_checked(1)?;
    let digits: String = digits
        .chars()
        .filter(|character| *character != ':')
        .collect();
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(digits.len(), 2 | 4) {
        return None;
    }
    let hours: i32 = digits[..2].parse().ok()?;
    let minutes: i32 = if digits.len() == 4 {
        digits[2..].parse().ok()?
    } else {
        0
    };
    let seconds = hours * 3600 + minutes * 60;
    FixedOffset::east_opt(if sign == "-" { -seconds } else { seconds })
}

/// The year with these last two digits that is nearest, as dateutil chooses it.
fn full_year(digits: u32, this_year: i32) -> i32 {
    let year = this_year - this_year.rem_euclid(100) + i32::try_from(digits).unwrap_or(0);
    if year >= this_year + 50 {
        year - 100
    } else if year < this_year - 50 {
        year + 100
    } else {
        year
    }
}

/// That day of the month, or the month's last.
fn last_possible(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(year, month, 1)?;
    (0..4).find_map(|back| {
        let days = u64::from(day.checked_sub(back)?.checked_sub(1)?);
        first
            .checked_add_days(Days::new(days))
            .filter(|date| date.month() == month)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let now = "2024-06-15T12:00:00Z".parse().unwrap();
        parse(text, now).map(|time| time.format("%Y-%m-%dT%H:%M:%S%.f").to_string())
    }

    #[test]
    fn reads_iso_forms() {
        for text in [
            "2024-06-15T11:59:50Z",
            "2024-06-15 11:59:50",
            "2024-06-15T13:59:50+02:00",
            "2024-06-15T13:59:50+0200",
            "20240615T115950Z",
            "2024-06-15T06:59:50-05",
        ] {
            assert_eq!(read(text).as_deref(), Some("2024-06-15T11:59:50"), "{text}");
        }
        assert_eq!(read("2024-06-15").as_deref(), Some("2024-06-15T00:00:00"));
        assert_eq!(
            read("2024-06-15T11:59:50.9").as_deref(),
            Some("2024-06-15T11:59:50.900")
        );
    }

    #[test]
    fn reads_what_people_and_mail_servers_write() {
        for text in [
            "Sat, 15 Jun 2024 11:59:50 GMT",
            "15/06/2024 11:59:50",
            "06/15/2024 11:59:50",
            "June 15 2024 11:59:50",
            "June 15th, 2024 at 11:59:50 AM",
            "15-Jun-2024 11:59:50",
            "Sat Jun 15 11:59:50 UTC 2024",
            "15.06.24 11:59:50",
            "Sat, 15 Jun 2024 13:59:50 +0200",
        ] {
            assert_eq!(read(text).as_deref(), Some("2024-06-15T11:59:50"), "{text}");
        }
        assert_eq!(read("11:59 pm").as_deref(), Some("2024-06-15T23:59:00"));
        assert_eq!(read("Feb 2023").as_deref(), Some("2023-02-15T00:00:00"));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "not a date",
            "2024-13-01",
            "True",
            "a.c",
            "é",
            "ABC",
            "13:61",
            "1 2 3 4",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
