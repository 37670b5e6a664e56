//! Reads dates and times as people write them, after the rules of dateutil's parser (the order of month, day and year
//! is the American one unless it cannot be).

mod date;
mod found;
mod token;
mod word;

use chrono::Datelike as _;

use crate::{DateTime, Error};
use found::Found;
use token::{Decimal, tokens};
use word::{Part, adjust, cut, integer, is_afternoon, is_filler, is_utc, month, part, weekday};

struct Reader {
    tokens: Vec<String>,
    found: Found,
}

/// Reads any text that `dateutil.parser.parse` reads. Without a zone, or with a zone nobody knows, it is UTC; what the
/// text leaves out comes from `now`'s date, at midnight.
pub fn parse(text: &str, now: &DateTime) -> Result<DateTime, Error> {
    let unknown = || Error::value_error(format!("Unknown string format: {text}"));
    let mut reader = Reader {
        tokens: tokens(text),
        found: Found::default(),
    };
    reader.read().ok_or_else(unknown)?;
    let found = reader.found;
    let (year, month, day) = found.date.resolve().ok_or_else(unknown)?;
    if year.or(month).or(day).is_none() && found.is_empty() {
        return Err(Error::value_error(format!(
            "String does not contain a date: {text}"
        )));
    }
    let year = year.map(|year| found.date.full_year(year, now.year().into()));
    found
        .moment(year, month, day, now)
        .map_err(|error| Error::value_error(format!("{}: {text}", error.message)))
}

impl Reader {
    fn token(&self, index: usize) -> Option<&str> {
        self.tokens.get(index).map(String::as_str)
    }

    fn is(&self, index: usize, token: &str) -> bool {
        self.token(index) == Some(token)
    }

    /// Reads all tokens; none where they make no date.
    fn read(&mut self) -> Option<()> {
        let mut index = 0;
        while index < self.tokens.len() {
            index = self.read_token(index)? + 1;
        }
        Some(())
    }

    /// Reads a token and what belongs to it; the last index that is done.
    fn read_token(&mut self, index: usize) -> Option<usize> {
        let word = self.token(index)?.to_owned();
        if let Some(value) = Decimal::parse(&word) {
            return self.number(index, &value, &word);
        }
        if let Some(weekday) = weekday(&word) {
            self.found.weekday = Some(weekday);
            return Some(index);
        }
        if let Some(month) = month(&word) {
            return self.month(index, month);
        }
        if let Some(is_afternoon) = is_afternoon(&word) {
            let hour = self.found.hour.filter(|hour| (0..=12).contains(hour))?;
            self.found.hour = Some(adjust(hour, is_afternoon));
            return Some(index);
        }
        if self.found.could_be_zone(&word) {
            return Some(self.zone(index, &word));
        }
        if self.found.hour.is_some() && matches!(word.as_str(), "+" | "-") {
            return self.offset(index, &word);
        }
        is_filler(&word).then_some(index)
    }

    /// `Jan-15-2024`, `Jan of 24`.
    fn month(&mut self, index: usize, month: i64) -> Option<usize> {
        self.found.date.push_month(month)?;
        let Some(separator) = self.token(index + 1).map(str::to_owned) else {
            return Some(index);
        };
        if matches!(separator.as_str(), "-" | "/") {
            let next = self.token(index + 2)?.to_owned();
            self.found.date.push_text(&next)?;
            if self.is(index + 3, &separator) {
                let next = self.token(index + 4)?.to_owned();
                self.found.date.push_text(&next)?;
                return Some(index + 4);
            }
            return Some(index + 2);
        }
        let is_of = self
            .token(index + 2)
            .is_some_and(|word| word.eq_ignore_ascii_case("of"));
        if separator == " " && is_of && self.is(index + 3, " ") && index + 4 < self.tokens.len() {
            let next = self.token(index + 4)?.to_owned();
            if let Some(year) = integer(&next) {
                self.found.date.push_year(year)?;
            }
            return Some(index + 4);
        }
        Some(index)
    }

    /// A zone's name. `GMT+3` means "my time +3 is GMT": three hours west of it.
    fn zone(&mut self, index: usize, name: &str) -> usize {
        self.found.zone_name = Some(name.to_owned());
        self.found.offset = is_utc(name).then_some(0);
        let flipped = match self.token(index + 1) {
            Some("+") => "-",
            Some("-") => "+",
            _ => return index,
        };
        flipped.clone_into(&mut self.tokens[index + 1]);
        self.found.offset = None;
        if is_utc(name) {
            self.found.zone_name = None;
        }
        index
    }

    /// `+0200`, `+02:00`, `+2`, with a zone's name in parentheses behind it.
    fn offset(&mut self, index: usize, sign: &str) -> Option<usize> {
        let digits = self.token(index + 1)?.to_owned();
        let mut last = index + 1;
        let length = digits.chars().count();
        let (hours, minutes) = if length == 4 {
            (integer(&cut(&digits, 0, 2))?, integer(&cut(&digits, 2, 4))?)
        } else if self.is(index + 2, ":") {
            last = index + 3;
            (integer(&digits)?, integer(self.token(index + 3)?)?)
        } else if length <= 2 {
            (integer(&digits)?, 0)
        } else {
            return None;
        };
        let seconds = hours
            .checked_mul(3600)?
            .checked_add(minutes.checked_mul(60)?)?;
        self.found.offset = Some(if sign == "-" { -seconds } else { seconds });
        let has_name = self.token(last + 1).is_some_and(is_filler)
            && self.is(last + 2, "(")
            && self.is(last + 4, ")");
        if has_name && let Some(name) = self.token(last + 3) {
            let is_name = name.len() >= 3
                && self.found.zone_name.is_none()
                && name.len() <= 5
                && name.bytes().all(|letter| letter.is_ascii_uppercase());
            if is_name {
                self.found.zone_name = Some(name.to_owned());
                last += 4;
            }
        }
        Some(last)
    }

    fn number(&mut self, index: usize, value: &Decimal, text: &str) -> Option<usize> {
        let length = text.chars().count();
        let next = self.token(index + 1).map(str::to_owned);
        let is_time = next
            .as_deref()
            .is_none_or(|next| next != ":" && part(next).is_none());
        if self.found.date.len() == 3
            && matches!(length, 2 | 4)
            && self.found.hour.is_none()
            && is_time
        {
            self.found.hour = Some(integer(&cut(text, 0, 2))?);
            if length == 4 {
                self.found.minute = Some(integer(&cut(text, 2, 4))?);
            }
            return Some(index);
        }
        if length == 6 || length > 6 && text.chars().position(|c| c == '.') == Some(6) {
            self.six_digits(text)?;
            return Some(index);
        }
        if matches!(length, 8 | 12 | 14) {
            self.long_digits(text, length)?;
            return Some(index);
        }
        if let Some((last, part)) = self.part_near(index) {
            if let Some(part) = part {
                self.found.set(part, value, text)?;
            }
            return Some(last);
        }
        let Some(next) = next else {
            self.found.date.push_number(value)?;
            return Some(index);
        };
        if next == ":" && index + 2 < self.tokens.len() {
            return self.clock(index, value);
        }
        if matches!(next.as_str(), "-" | "/" | ".") {
            return self.separated(index, text, &next);
        }
        if is_filler(&next) {
            if let Some(is_afternoon) = self.token(index + 2).and_then(is_afternoon) {
                self.found.hour = Some(adjust(value.whole, is_afternoon));
                return Some(index + 2);
            }
            self.found.date.push_number(value)?;
            return Some(index + 1);
        }
        if let Some(is_afternoon) = is_afternoon(&next).filter(|_| value.whole < 24) {
            self.found.hour = Some(adjust(value.whole, is_afternoon));
            return Some(index + 1);
        }
        if self.found.date.could_be_day(value) {
            self.found.date.push_number(value)?;
            return Some(index);
        }
        None
    }

    /// `240615`, or `115950.5` behind a date.
    fn six_digits(&mut self, text: &str) -> Option<()> {
        if self.found.date.len() == 0 && !text.contains('.') {
            for from in [0, 2, 4] {
                self.found.date.push_text(&cut(text, from, from + 2))?;
            }
            return Some(());
        }
        self.found.hour = Some(integer(&cut(text, 0, 2))?);
        self.found.minute = Some(integer(&cut(text, 2, 4))?);
        self.found.set_second(&cut(text, 4, usize::MAX))
    }

    /// `20240615`, with hours and minutes, and seconds.
    fn long_digits(&mut self, text: &str, length: usize) -> Option<()> {
        self.found.date.push_labelled_year(&cut(text, 0, 4))?;
        self.found.date.push_text(&cut(text, 4, 6))?;
        self.found.date.push_text(&cut(text, 6, 8))?;
        if length > 8 {
            self.found.hour = Some(integer(&cut(text, 8, 10))?);
            self.found.minute = Some(integer(&cut(text, 10, 12))?);
        }
        if length > 12 {
            self.found.second = Some(integer(&cut(text, 12, 14))?);
        }
        Some(())
    }

    /// `h`, `min` or `s` near a number: the index that is done, and what the number is.
    fn part_near(&self, index: usize) -> Option<(usize, Option<Part>)> {
        let at = |index: usize| self.token(index).and_then(part);
        if let Some(part) = at(index + 1) {
            return Some((index + 1, Some(part)));
        }
        if self.is(index + 1, " ")
            && let Some(part) = at(index + 2)
        {
            return Some((index + 2, Some(part)));
        }
        // Behind hours come minutes, behind minutes seconds.
        let following = |part| match part {
            Part::Hour => Some(Part::Minute),
            Part::Minute => Some(Part::Second),
            Part::Second => None,
        };
        let before = |back: usize| index.checked_sub(back).and_then(at);
        if let Some(part) = before(1) {
            return Some((index, following(part)));
        }
        let is_last = index > 1 && index + 1 == self.tokens.len();
        if is_last
            && self.is(index - 1, " ")
            && let Some(part) = before(2)
        {
            return Some((index, following(part)));
        }
        None
    }

    /// `11:59`, `11:59:50.5`.
    fn clock(&mut self, index: usize, hour: &Decimal) -> Option<usize> {
        self.found.hour = Some(hour.whole);
        let minute = Decimal::parse(self.token(index + 2)?)?;
        self.found.set_minute(&minute);
        if self.is(index + 3, ":") && index + 4 < self.tokens.len() {
            let second = self.token(index + 4)?.to_owned();
            self.found.set_second(&second)?;
            return Some(index + 4);
        }
        Some(index + 2)
    }

    /// `15-Jun-2024`, `06/15/2024`, `15.06.2024`.
    fn separated(&mut self, index: usize, text: &str, separator: &str) -> Option<usize> {
        self.found.date.push_text(text)?;
        let Some(second) = self.token(index + 2).map(str::to_owned) else {
            return Some(index + 1);
        };
        if is_filler(&second) {
            return Some(index + 1);
        }
        if crate::text::is_digit(&second) {
            self.found.date.push_text(&second)?;
        } else {
            self.found.date.push_month(month(&second)?)?;
        }
        if self.is(index + 3, separator) {
            let third = self.token(index + 4)?.to_owned();
            match month(&third) {
                Some(month) => self.found.date.push_month(month)?,
                None => self.found.date.push_text(&third)?,
            }
            return Some(index + 4);
        }
        Some(index + 2)
    }
}
