//! `strftime` in the C locale, as glibc writes it.

use chrono::{Datelike as _, Timelike as _};

use super::{DAYS, Fields, MONTHS, offset_text};
use crate::{Budget, DateTime, Error};

/// What may stand between `%` and the letter.
#[derive(Default, Clone, Copy)]
struct Style {
    /// `-`, `_` or `0`.
    padding: Option<char>,
    upper: bool,
    swap: bool,
    width: Option<usize>,
}

/// `moment.strftime(format)`. Directives nobody knows stay as they are.
pub fn strftime(moment: &DateTime, format: &str, budget: &Budget) -> Result<String, Error> {
    budget.charge(format.len())?;
    let mut output = String::with_capacity(format.len());
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        output.push_str(&rest[..at]);
        rest = &rest[at..];
        let (style, length) = read_style(&rest[1..]);
        let mut characters = rest[1 + length..].chars();
        let letter = characters.next();
        let piece = letter.and_then(|letter| directive(moment, letter, style));
        let (taken, after) = rest.split_at(rest.len() - characters.as_str().len());
        match piece {
            Some(piece) => {
                let missing = style
                    .width
                    .unwrap_or(0)
                    .saturating_sub(piece.chars().count());
                budget.charge(piece.len().saturating_add(missing))?;
                let is_number = piece.starts_with(|first: char| first.is_ascii_digit());
                let fill = match style.padding {
                    Some('_') => ' ',
                    None if !is_number => ' ',
                    _ => '0',
                };
                output.extend(std::iter::repeat_n(fill, missing));
                output.push_str(&piece);
            }
            None => output.push_str(taken),
        }
        rest = after;
    }
    output.push_str(rest);
    Ok(output)
}

/// Flags, width and modifier, and how many bytes they take.
fn read_style(text: &str) -> (Style, usize) {
    let mut style = Style::default();
    let mut length = 0;
    for flag in text.bytes() {
        match flag {
            b'-' | b'_' | b'0' => style.padding = Some(char::from(flag)),
            b'^' => style.upper = true,
            b'#' => style.swap = true,
            _ => break,
        }
        length += 1;
    }
    let digits = text[length..]
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    if digits > 0 {
        style.width = text[length..length + digits].parse().ok();
        length += digits;
    }
    if text[length..].starts_with(['E', 'O']) {
        length += 1;
    }
    (style, length)
}

fn directive(moment: &DateTime, letter: char, style: Style) -> Option<String> {
    if let Some(text) = word(moment, letter) {
        let text = match (style.swap, style.upper, letter) {
            (true, _, 'p' | 'Z') => text.to_lowercase(),
            (true, _, _) | (_, true, _) => text.to_uppercase(),
            _ => text,
        };
        return Some(text);
    }
    if let Some((value, width, fill)) = number(moment, letter) {
        let fill = style.padding.unwrap_or(fill);
        return Some(match fill {
            '-' => value.to_string(),
            '_' => format!("{value:>width$}"),
            _ => format!("{value:0>width$}"),
        });
    }
    combined(moment, letter)
}

fn word(moment: &DateTime, letter: char) -> Option<String> {
    let day = DAYS[usize::try_from(super::weekday(moment)).unwrap_or(0) % 7];
    let month = MONTHS[usize::try_from(moment.month0()).unwrap_or(0) % 12];
    Some(match letter {
        'a' => day[..3].to_owned(),
        'A' => day.to_owned(),
        'b' | 'h' => month[..3].to_owned(),
        'B' => month.to_owned(),
        'p' => if moment.hour() < 12 { "AM" } else { "PM" }.to_owned(),
        'P' => if moment.hour() < 12 { "am" } else { "pm" }.to_owned(),
        'Z' if moment.offset().local_minus_utc() == 0 => "UTC".to_owned(),
        'Z' => String::new(),
        _ => return None,
    })
}

/// The value, its usual width and filling.
fn number(moment: &DateTime, letter: char) -> Option<(i64, usize, char)> {
    let fields = Fields::of(moment);
    let iso = moment.iso_week();
    let day_of_year = i64::from(moment.ordinal());
    let weekday = super::weekday(moment);
    let half_day = (fields.hour + 11) % 12 + 1;
    Some(match letter {
        'C' => (fields.year / 100, 2, '0'),
        'd' => (fields.day, 2, '0'),
        'e' => (fields.day, 2, '_'),
        'f' => (fields.microsecond, 6, '0'),
        'g' => (i64::from(iso.year()) % 100, 2, '0'),
        'G' => (iso.year().into(), 1, '0'),
        'H' => (fields.hour, 2, '0'),
        'I' => (half_day, 2, '0'),
        'j' => (day_of_year, 3, '0'),
        'k' => (fields.hour, 2, '_'),
        'l' => (half_day, 2, '_'),
        'm' => (fields.month, 2, '0'),
        'M' => (fields.minute, 2, '0'),
        's' => (moment.naive_local().and_utc().timestamp(), 1, '0'),
        'S' => (fields.second, 2, '0'),
        'u' => (weekday + 1, 1, '0'),
        'U' => ((day_of_year + 6 - (weekday + 1) % 7) / 7, 2, '0'),
        'V' => (iso.week().into(), 2, '0'),
        'w' => ((weekday + 1) % 7, 1, '0'),
        'W' => ((day_of_year + 6 - weekday) / 7, 2, '0'),
        'y' => (fields.year % 100, 2, '0'),
        'Y' => (fields.year, 1, '0'),
        _ => return None,
    })
}

fn combined(moment: &DateTime, letter: char) -> Option<String> {
    let parts = match letter {
        'c' => "a b e T Y",
        'D' | 'x' => "m/d/y",
        'F' => "Y-m-d",
        'n' => return Some("\n".to_owned()),
        'r' => "I:M:S p",
        'R' => "H:M",
        't' => return Some("\t".to_owned()),
        'T' | 'X' => "H:M:S",
        'z' => return Some(offset_text(moment, "")),
        '%' => return Some("%".to_owned()),
        _ => return None,
    };
    let plain = |letter| directive(moment, letter, Style::default()).unwrap_or_default();
    let text = parts.chars().map(|part| {
        if part.is_ascii_alphabetic() {
            plain(part)
        } else {
            part.to_string()
        }
    });
    Some(text.collect())
}
