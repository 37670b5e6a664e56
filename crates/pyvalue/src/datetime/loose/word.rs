//! Words of dates: names, fillers, halves of the day.

use super::super::{DAYS, MONTHS};

/// Words that say nothing.
const FILLERS: [&str; 18] = [
    " ", ".", ",", ";", "-", "/", "'", "at", "on", "and", "ad", "m", "t", "of", "st", "nd", "rd",
    "th",
];

/// What kind of time a number before or after `h`, `min`, `s` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Hour,
    Minute,
    Second,
}

pub(super) fn month(word: &str) -> Option<i64> {
    let lower = word.to_lowercase();
    if lower == "sept" {
        return Some(9);
    }
    named(&MONTHS, &lower).and_then(|index| i64::try_from(index + 1).ok())
}

fn named(names: &[&str], lower: &str) -> Option<usize> {
    names.iter().position(|name| {
        let name = name.to_lowercase();
        name == lower || name[..3] == *lower
    })
}

pub(super) fn is_filler(word: &str) -> bool {
    FILLERS.contains(&&*word.to_lowercase())
}

pub(super) fn part(word: &str) -> Option<Part> {
    match word.to_lowercase().as_str() {
        "h" | "hour" | "hours" => Some(Part::Hour),
        "m" | "minute" | "minutes" => Some(Part::Minute),
        "s" | "second" | "seconds" => Some(Part::Second),
        _ => None,
    }
}

/// Whether it says afternoon or morning.
pub(super) fn is_afternoon(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "am" | "a" => Some(false),
        "pm" | "p" => Some(true),
        _ => None,
    }
}

pub(super) fn is_utc(word: &str) -> bool {
    matches!(word, "UTC" | "GMT" | "Z" | "z")
}

pub(super) fn adjust(hour: i64, is_afternoon: bool) -> i64 {
    match (hour, is_afternoon) {
        (..12, true) => hour + 12,
        (12, false) => 0,
        _ => hour,
    }
}

/// An integer of decimal digits, of any script.
pub(super) fn integer(text: &str) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    text.chars().try_fold(0_i64, |number, digit| {
        let digit = crate::number::decimal_value(digit)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
}

/// The first characters, or some in the middle.
pub(super) fn cut(text: &str, from: usize, to: usize) -> String {
    text.chars().skip(from).take(to - from).collect()
}

/// 0 is Monday.
pub(super) fn weekday(word: &str) -> Option<u64> {
    named(&DAYS, &word.to_lowercase()).and_then(|day| u64::try_from(day).ok())
}
