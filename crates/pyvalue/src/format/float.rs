//! Floats with any number of digits, rounded exactly: the float's true value counts, ties go to even.

use crate::{Budget, Error};

/// No float has more digits behind the point, or in all, than this.
const MAX_DIGITS: usize = 1100;

/// Text of a number that is not negative, and zeros that the caller's precision asks for beyond what a float has.
fn pad_zeros(mut digits: String, missing: usize, budget: &Budget) -> Result<String, Error> {
    budget.charge(digits.len().saturating_add(missing))?;
    digits.extend(std::iter::repeat_n('0', missing));
    Ok(digits)
}

/// `%.{precision}f` of a finite number's magnitude.
pub fn fixed(number: f64, precision: usize, budget: &Budget) -> Result<String, Error> {
    let exact = precision.min(MAX_DIGITS);
    let digits = format!("{:.exact$}", number.abs());
    pad_zeros(digits, precision - exact, budget)
}

/// `%.{precision}e` of a finite number's magnitude.
pub fn exponent(number: f64, precision: usize, budget: &Budget) -> Result<String, Error> {
    let exact = precision.min(MAX_DIGITS);
    let (digits, exponent) = scientific(number, exact);
    let mut text = pad_zeros(digits, precision - exact, budget)?;
    push_exponent(exponent, &mut text);
    Ok(text)
}

/// Digits with a point behind the first, and the exponent.
fn scientific(number: f64, precision: usize) -> (String, i32) {
    let text = format!("{:.precision$e}", number.abs());
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (digits.to_owned(), exponent.parse().unwrap_or(0))
}

fn push_exponent(exponent: i32, text: &mut String) {
    let sign = if exponent < 0 { '-' } else { '+' };
    text.extend([format!("e{sign}{:02}", exponent.abs())]);
}

/// `%.{precision}g` of a finite number's magnitude. `keep_zeros` is C's `#`; `dot_zero` adds `.0` to what looks like
/// an integer, and takes to exponents one digit earlier.
pub fn general(
    number: f64,
    precision: usize,
    keep_zeros: bool,
    dot_zero: bool,
    budget: &Budget,
) -> Result<String, Error> {
    let precision = precision.max(1);
    let exact = (precision - 1).min(MAX_DIGITS);
    let (digits, exponent) = scientific(number, exact);
    let missing = if keep_zeros { precision - 1 - exact } else { 0 };
    let mut digits = pad_zeros(digits.replace('.', ""), missing, budget)?;
    if !keep_zeros {
        digits.truncate(digits.trim_end_matches('0').len().max(1));
    }
    let limit = i64::try_from(precision).unwrap_or(i64::MAX) - i64::from(dot_zero);
    if exponent < -4 || i64::from(exponent) >= limit {
        if digits.len() > 1 || keep_zeros {
            digits.insert(1, '.');
        }
        push_exponent(exponent, &mut digits);
        return Ok(digits);
    }
    let Ok(point) = usize::try_from(exponent) else {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return Ok(format!("0.{}{digits}", "0".repeat(zeros)));
    };
    let whole = point + 1;
    if digits.len() > whole {
        digits.insert(whole, '.');
        return Ok(digits);
    }
    digits.extend(std::iter::repeat_n('0', whole - digits.len()));
    if dot_zero {
        digits.push_str(".0");
    } else if keep_zeros {
        digits.push('.');
    }
    Ok(digits)
}

/// `round(number, digits)`: exact, ties to even. Infinities, NaN and what would become infinite stay as they are.
#[must_use]
pub fn round_half_even(number: f64, digits: i64) -> f64 {
    if !number.is_finite() || digits > 323 {
        return number;
    }
    if digits < -308 {
        return 0.0 * number;
    }
    let rounded = match usize::try_from(digits) {
        Ok(digits) => format!("{number:.digits$}").parse().ok(),
        Err(_) => round_integer(number, usize::try_from(-digits).unwrap_or(0)),
    };
    rounded
        .filter(|rounded: &f64| rounded.is_finite())
        .unwrap_or(number)
}

/// Rounds to a power of ten.
fn round_integer(number: f64, zeros: usize) -> Option<f64> {
    let text = format!("{:.MAX_DIGITS$}", number.abs());
    let (whole, fraction) = text.split_once('.')?;
    let whole = format!("{whole:0>zeros$}");
    let (kept, dropped) = whole.split_at(whole.len() - zeros);
    let rest = format!("{dropped}{fraction}");
    let (first, others) = rest.split_at(1);
    let is_even = !kept.ends_with(['1', '3', '5', '7', '9']);
    let is_tie = first == "5" && others.bytes().all(|digit| digit == b'0');
    let goes_up = first >= "5" && !(is_tie && is_even);
    let mut kept: num_bigint::BigInt = format!("0{kept}").parse().ok()?;
    kept += i32::from(goes_up);
    let magnitude: f64 = format!("{kept}e{zeros}").parse().ok()?;
    Some(magnitude.copysign(number))
}
