//! What needs care with floats: floored division, powers, and quotients of large integers.

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

use super::{Outcome, zero_division};
use crate::{Class, Error, Value};

/// Floored quotient and remainder of floats, the way `CPython` computes them.
pub(super) fn divmod(a: f64, b: f64) -> (f64, f64) {
    let mut remainder = a % b;
    let mut quotient = (a - remainder) / b;
    if remainder == 0.0 {
        remainder = 0.0_f64.copysign(b);
    } else if (b < 0.0) != (remainder < 0.0) {
        remainder += b;
        quotient -= 1.0;
    }
    let floored = if quotient == 0.0 {
        0.0_f64.copysign(a / b)
    } else {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    };
    (floored, remainder)
}

pub(super) fn float_power(base: f64, exponent: f64) -> Outcome {
    if base == 0.0 && exponent < 0.0 {
        return Err(zero_division("0.0 cannot be raised to a negative power"));
    }
    let power = base.powf(exponent);
    if power.is_nan() && !base.is_nan() && !exponent.is_nan() {
        return Err(Error::value_error(
            "a negative number to a fractional power is complex, which is not supported",
        ));
    }
    if power.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(Error::new(Class::Overflow, "Numerical result out of range"));
    }
    Ok(Value::Float(power))
}

/// The quotient of two integers, rounded once as Python does it.
pub(super) fn divide_integers(a: &BigInt, b: &BigInt) -> Outcome {
    if let (Some(a), Some(b)) = (small(a), small(b)) {
        return Ok(Value::Float(a / b));
    }
    // 66 significant bits of the quotient and a sticky one are more than the 53 that decide.
    let shift = 66 + i64::try_from(b.bits()).unwrap_or(i64::MAX)
        - i64::try_from(a.bits()).unwrap_or(i64::MAX);
    let (numerator, denominator) = if shift >= 0 {
        (a.abs() << shift.unsigned_abs(), b.abs())
    } else {
        (a.abs(), b.abs() << shift.unsigned_abs())
    };
    let (quotient, remainder) = numerator.div_rem(&denominator);
    let sticky: BigInt = quotient * 2 + u8::from(!remainder.is_zero());
    let float = sticky
        .to_f64()
        .map(|float| scale(float, -(shift + 1)))
        .filter(|float| float.is_finite())
        .ok_or_else(|| {
            Error::new(
                Class::Overflow,
                "integer division result too large for a float",
            )
        })?;
    let negative = a.is_negative() != b.is_negative();
    Ok(Value::Float(if negative { -float } else { float }))
}

/// `float * 2^exponent`, in steps that stay in range.
fn scale(mut float: f64, mut exponent: i64) -> f64 {
    while exponent != 0 && float != 0.0 && float.is_finite() {
        let step = exponent.clamp(-1000, 1000);
        float *= 2.0_f64.powi(i32::try_from(step).unwrap_or(0));
        exponent -= step;
    }
    float
}

/// An integer that a float holds exactly.
fn small(number: &BigInt) -> Option<f64> {
    (number.bits() <= 53).then(|| number.to_f64()).flatten()
}
