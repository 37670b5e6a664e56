//! What a text said of a moment, and the moment it makes.

use chrono::{Datelike as _, Days, NaiveDate, NaiveDateTime};

use super::super::{Fields, MICROS, at_local, out_of_range, zone};
use super::date::Date;
use super::token::Decimal;
use super::word::{Part, cut, integer, is_utc};
use crate::{DateTime, Error};

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) weekday: Option<u64>,
    pub(super) hour: Option<i64>,
    pub(super) minute: Option<i64>,
    pub(super) second: Option<i64>,
    pub(super) microsecond: Option<i64>,
    pub(super) zone_name: Option<String>,
    /// Seconds east of UTC.
    pub(super) offset: Option<i64>,
    pub(super) date: Date,
}

impl Found {
    pub(super) fn is_empty(&self) -> bool {
        self.weekday.is_none()
            && self.hour.is_none()
            && self.minute.is_none()
            && self.second.is_none()
            && self.zone_name.is_none()
            && self.offset.is_none()
    }

    /// Hours, minutes and seconds with fractions.
    pub(super) fn set(&mut self, part: Part, value: &Decimal, text: &str) -> Option<()> {
        match part {
            Part::Hour => {
                self.hour = Some(value.whole);
                if value.has_fraction() {
                    self.minute = Some(value.sixtieths());
                }
            }
            Part::Minute => self.set_minute(value),
            Part::Second => self.set_second(text)?,
        }
        Some(())
    }

    pub(super) fn set_minute(&mut self, value: &Decimal) {
        self.minute = Some(value.whole);
        self.second = value.has_fraction().then(|| value.sixtieths());
    }

    pub(super) fn set_second(&mut self, text: &str) -> Option<()> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, cut(&format!("{fraction:0<6}"), 0, 6)),
            None => (text, "0".to_owned()),
        };
        self.second = Some(integer(whole)?);
        self.microsecond = Some(integer(&fraction)?);
        Some(())
    }

    pub(super) fn could_be_zone(&self, word: &str) -> bool {
        self.hour.is_some()
            && self.zone_name.is_none()
            && self.offset.is_none()
            && (word.len() <= 5 && word.bytes().all(|letter| letter.is_ascii_uppercase())
                || is_utc(word))
    }

    /// Seconds east of UTC, of what was found.
    fn zone_offset(&self) -> i64 {
        match &self.zone_name {
            Some(name) if is_utc(name) => 0,
            _ => self.offset.unwrap_or(0),
        }
    }

    pub(super) fn moment(
        &self,
        year: Option<i64>,
        month: Option<i64>,
        day: Option<i64>,
        now: &DateTime,
    ) -> Result<DateTime, Error> {
        let year = year.unwrap_or(now.year().into());
        let month = month.unwrap_or(now.month().into());
        let given_day = day;
        let day = match day {
            Some(day) => day,
            None => i64::from(now.day()).min(last_day(year, month)?),
        };
        let naive = Fields {
            year,
            month,
            day,
            hour: self.hour.unwrap_or(0),
            minute: self.minute.unwrap_or(0),
            second: self.second.unwrap_or(0),
            microsecond: self.microsecond.unwrap_or(0),
            offset: 0,
        }
        .build()?
        .naive_utc();
        let naive = if given_day == Some(0) || given_day.is_none() {
            self.to_weekday(naive)?
        } else {
            naive
        };
        at_local(naive, zone(self.zone_offset().saturating_mul(MICROS))?)
    }

    /// Moves to the next day of that name, where no day of the month is given.
    fn to_weekday(&self, moment: NaiveDateTime) -> Result<NaiveDateTime, Error> {
        let Some(weekday) = self.weekday else {
            return Ok(moment);
        };
        let today = u64::from(moment.weekday().num_days_from_monday());
        moment
            .checked_add_days(Days::new((weekday + 7 - today) % 7))
            .ok_or_else(out_of_range)
    }
}

/// The number of a month's days; years beyond Python's repeat every four centuries.
pub(super) fn last_day(year: i64, month: i64) -> Result<i64, Error> {
    let refused = || Error::value_error(format!("bad month number {month}; must be 1-12"));
    let year = i32::try_from(2000 + year.rem_euclid(400)).map_err(|_| refused())?;
    let number = u32::try_from(month).map_err(|_| refused())?;
    let first = NaiveDate::from_ymd_opt(year, number, 1).ok_or_else(refused)?;
    Ok(first.num_days_in_month().into())
}
