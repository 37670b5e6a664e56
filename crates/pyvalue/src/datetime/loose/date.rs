//! Which of the numbers of a date is the year, the month and the day.

use super::found::last_day;
use super::token::Decimal;
use super::word::integer;

/// Numbers in the order they stood, and what is known of them.
#[derive(Debug, Default)]
pub(super) struct Date {
    numbers: Vec<i64>,
    year_at: Option<usize>,
    month_at: Option<usize>,
    /// Whether the year has its century.
    has_century: bool,
}

type Parts = (Option<i64>, Option<i64>, Option<i64>);

impl Date {
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// A number as it was written: with more than two digits it is a year.
    pub(super) fn push_text(&mut self, text: &str) -> Option<()> {
        let is_year = crate::text::is_digit(text) && text.chars().count() > 2;
        let number = integer(text)?;
        if is_year {
            return self.push_with_century(number);
        }
        self.numbers.push(number);
        Some(())
    }

    pub(super) fn push_number(&mut self, value: &Decimal) -> Option<()> {
        if value.whole > 100 || value.whole == 100 && value.has_fraction() {
            return self.push_with_century(value.whole);
        }
        self.numbers.push(value.whole);
        Some(())
    }

    pub(super) fn push_month(&mut self, month: i64) -> Option<()> {
        if self.month_at.replace(self.numbers.len()).is_some() {
            return None;
        }
        self.numbers.push(month);
        Some(())
    }

    /// A year, given as four digits.
    pub(super) fn push_labelled_year(&mut self, text: &str) -> Option<()> {
        self.push_with_century(integer(text)?)
    }

    /// A year behind "of": with or without its century.
    pub(super) fn push_year(&mut self, year: i64) -> Option<()> {
        if self.year_at.replace(self.numbers.len()).is_some() {
            return None;
        }
        self.numbers.push(year);
        Some(())
    }

    fn push_with_century(&mut self, year: i64) -> Option<()> {
        self.has_century = true;
        self.push_year(year)
    }

    pub(super) fn could_be_day(&self, value: &Decimal) -> bool {
        let month = self.month_at.map(|at| self.numbers[at]);
        let year = self.year_at.map(|at| self.numbers[at]);
        let last = match (month, year) {
            (None, _) => Some(31),
            (Some(month), None) => last_day(2000, month).ok(),
            (Some(month), Some(year)) => last_day(year, month).ok(),
        };
        last.is_some_and(|last| {
            value.whole >= 1 && (value.whole < last || value.whole == last && !value.has_fraction())
        })
    }

    /// The year of two digits that is nearest to `this_year`.
    pub(super) fn full_year(&self, year: i64, this_year: i64) -> i64 {
        if year >= 100 || self.has_century {
            return year;
        }
        let year = year + this_year - this_year.rem_euclid(100);
        if year >= this_year + 50 {
            year - 100
        } else if year < this_year - 50 {
            year + 100
        } else {
            year
        }
    }

    /// Year, month and day; none where there are too many numbers.
    pub(super) fn resolve(&self) -> Option<Parts> {
        let known = usize::from(self.year_at.is_some()) + usize::from(self.month_at.is_some());
        match (self.numbers.as_slice(), known) {
            ([], _) => Some((None, None, None)),
            (numbers, 1..) if numbers.len() == known || numbers.len() == 3 && known == 2 => {
                Some(self.by_labels())
            }
            ([_, _, _, _, ..], _) => None,
            (&[number], _) => Some(single(number)),
            (&[first, second], _) => Some(self.of_two(first, second)),
            (&[first, second, third], _) => Some(self.of_three(first, second, third)),
        }
    }

    fn by_labels(&self) -> Parts {
        let at = |index: Option<usize>| index.and_then(|index| self.numbers.get(index).copied());
        let day = (0..3).find(|index| {
            self.numbers.len() == 3 && Some(*index) != self.year_at && Some(*index) != self.month_at
        });
        (at(self.year_at), at(self.month_at), at(day))
    }

    fn of_two(&self, first: i64, second: i64) -> Parts {
        match self.month_at {
            Some(month_at) => {
                let (month, other) = if month_at == 0 {
                    (first, second)
                } else {
                    (second, first)
                };
                let (year, _, day) = single(other);
                (year, Some(month), day)
            }
            None if first > 31 => (Some(first), Some(second), None),
            None if second > 31 => (Some(second), Some(first), None),
            None => (None, Some(first), Some(second)),
        }
    }

    fn of_three(&self, first: i64, second: i64, third: i64) -> Parts {
        let (year, month, day) = match self.month_at {
            Some(0) if second > 31 => (second, first, third),
            Some(0) => (third, first, second),
            Some(1) if first > 31 => (first, second, third),
            Some(1) => (third, second, first),
            Some(_) if second > 31 => (second, third, first),
            Some(_) => (first, third, second),
            None if first > 31 || self.year_at == Some(0) => (first, second, third),
            None if first > 12 => (third, second, first),
            None => (third, first, second),
        };
        (Some(year), Some(month), Some(day))
    }
}

fn single(number: i64) -> Parts {
    if number > 31 {
        (Some(number), None, None)
    } else {
        (None, None, Some(number))
    }
}
