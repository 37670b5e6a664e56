//! Python's operators: `+ - * / // % **`, and the unary ones.
//!
//! Booleans count as numbers; languages that see it otherwise check first. What can grow asks the budget before.

mod float;
mod sequence;
mod span;

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

use self::float::{divide_integers, divmod, float_power};
use self::sequence::{joined, repeat};
use self::span::{divide_span, scale_span, span_overflow};
use crate::number::{as_big, as_float};
use crate::{Budget, Class, Error, Value};

pub use self::span::shift;

/// Integers beyond this many bits are refused: nobody needs them, and computing with them takes for ever.
const MAX_BITS: u64 = 1 << 20;

type Outcome = Result<Value, Error>;

/// `one + other`: numbers, texts, lists, tuples, spans, moment and span.
pub fn add(one: &Value, other: &Value, budget: &Budget) -> Outcome {
    match (one, other) {
        (Value::Int(a), Value::Int(b)) => Ok(a
            .checked_add(*b)
            .map_or_else(|| big(BigInt::from(*a) + b), Value::Int)),
        (Value::Str(a), Value::Str(b)) => {
            budget.charge(a.len() + b.len())?;
            Ok(Value::from([&**a, &**b].concat()))
        }
        (Value::Bytes(a), Value::Bytes(b)) => {
            budget.charge(a.len() + b.len())?;
            Ok(Value::Bytes([&**a, &**b].concat().into()))
        }
        (Value::List(a), Value::List(b)) => Ok(Value::List(joined(a, b, budget)?)),
        (Value::Tuple(a), Value::Tuple(b)) => Ok(Value::Tuple(joined(a, b, budget)?)),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => a
            .checked_add(*b)
            .map(Value::TimeSpan)
            .ok_or_else(span_overflow),
        (Value::DateTime(moment), Value::TimeSpan(span))
        | (Value::TimeSpan(span), Value::DateTime(moment)) => shift(moment, *span),
        _ => arithmetic(one, other, "+", budget, |a, b| Ok(a + b), |a, b| Ok(a + b)),
    }
}

/// `one - other`: numbers, sets, spans, moments.
pub fn subtract(one: &Value, other: &Value, budget: &Budget) -> Outcome {
    match (one, other) {
        (Value::Int(a), Value::Int(b)) => Ok(a
            .checked_sub(*b)
            .map_or_else(|| big(BigInt::from(*a) - b), Value::Int)),
        (Value::Set(a), Value::Set(b)) => {
            budget.steps(a.len() as u64)?;
            Ok(Value::Set(
                a.iter()
                    .filter(|value| !b.contains(value))
                    .cloned()
                    .collect(),
            ))
        }
        (Value::TimeSpan(a), Value::TimeSpan(b)) => a
            .checked_sub(*b)
            .map(Value::TimeSpan)
            .ok_or_else(span_overflow),
        (Value::DateTime(a), Value::DateTime(b)) => (*a - *b)
            .num_microseconds()
            .map(Value::TimeSpan)
            .ok_or_else(span_overflow),
        (Value::DateTime(moment), Value::TimeSpan(span)) => {
            shift(moment, span.checked_neg().ok_or_else(span_overflow)?)
        }
        _ => arithmetic(one, other, "-", budget, |a, b| Ok(a - b), |a, b| Ok(a - b)),
    }
}

/// `one * other`: numbers, and texts, lists and tuples a number of times.
pub fn multiply(one: &Value, other: &Value, budget: &Budget) -> Outcome {
    match (one, other) {
        (Value::Int(a), Value::Int(b)) => Ok(a
            .checked_mul(*b)
            .map_or_else(|| big(BigInt::from(*a) * b), Value::Int)),
        (Value::Str(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_), times) => {
            repeat(one, times, budget)
        }
        (times, Value::Str(_) | Value::Bytes(_) | Value::List(_) | Value::Tuple(_)) => {
            repeat(other, times, budget)
        }
        (Value::TimeSpan(span), factor) | (factor, Value::TimeSpan(span)) => {
            scale_span(*span, factor)
        }
        _ => {
            check_bits(one, other, |a, b| a + b)?;
            arithmetic(one, other, "*", budget, |a, b| Ok(a * b), |a, b| Ok(a * b))
        }
    }
}

/// `one / other`: true division; of spans too.
pub fn divide(one: &Value, other: &Value, _budget: &Budget) -> Outcome {
    match (one, other) {
        (Value::TimeSpan(_), Value::TimeSpan(0)) => Err(zero_division("division by zero")),
        (Value::TimeSpan(a), Value::TimeSpan(b)) => divide_integers(&(*a).into(), &(*b).into()),
        (Value::TimeSpan(span), divisor) => divide_span(*span, divisor),
        _ => match (as_big(one), as_big(other)) {
            (Some(_), Some(b)) if b.is_zero() => Err(zero_division("division by zero")),
            (Some(a), Some(b)) => divide_integers(&a, &b),
            _ => {
                let (a, b) = floats(one, other, "/")?;
                if b == 0.0 {
                    return Err(zero_division("float division by zero"));
                }
                Ok(Value::Float(a / b))
            }
        },
    }
}

/// `one // other`: the floor of the quotient.
pub fn floor_divide(one: &Value, other: &Value, budget: &Budget) -> Outcome {
    match (one, other) {
        (Value::Int(a), Value::Int(b)) if *b != 0 && *b != -1 => Ok(Value::Int(a.div_floor(b))),
        (Value::TimeSpan(_), Value::TimeSpan(0) | Value::Int(0)) => {
            Err(zero_division("integer division or modulo by zero"))
        }
        (Value::TimeSpan(a), Value::TimeSpan(b)) => Ok(Value::Int(a.div_floor(b))),
        (Value::TimeSpan(a), Value::Int(b)) => Ok(Value::TimeSpan(a.div_floor(b))),
        _ => arithmetic(
            one,
            other,
            "//",
            budget,
            |a, b| {
                nonzero(b, "integer division or modulo by zero")?;
                Ok(a.div_floor(b))
            },
            |a, b| {
                if b == 0.0 {
                    return Err(zero_division("float floor division by zero"));
                }
                Ok(divmod(a, b).0)
            },
        ),
    }
}

/// `one % other` of numbers: it has the sign of the divisor. Text formatting is `format::percent`.
pub fn modulo(one: &Value, other: &Value, budget: &Budget) -> Outcome {
    match (one, other) {
        (Value::Int(a), Value::Int(b)) if *b != 0 && *b != -1 => Ok(Value::Int(a.mod_floor(b))),
        (Value::TimeSpan(_), Value::TimeSpan(0)) => {
            Err(zero_division("integer division or modulo by zero"))
        }
        (Value::TimeSpan(a), Value::TimeSpan(b)) => Ok(Value::TimeSpan(a.mod_floor(b))),
        _ => arithmetic(
            one,
            other,
            "%",
            budget,
            |a, b| {
                nonzero(b, "integer modulo by zero")?;
                Ok(a.mod_floor(b))
            },
            |a, b| {
                if b == 0.0 {
                    return Err(zero_division("float modulo"));
                }
                Ok(divmod(a, b).1)
            },
        ),
    }
}

/// `one ** other`.
pub fn power(one: &Value, other: &Value, budget: &Budget) -> Outcome {
    let (Some(base), Some(exponent)) = (as_big(one), as_big(other)) else {
        let (base, exponent) = floats(one, other, "** or pow()")?;
        return float_power(base, exponent);
    };
    if exponent.is_negative() {
        let (base, exponent) = floats(one, other, "** or pow()")?;
        return float_power(base, exponent);
    }
    if base.bits() <= 1 {
        // 0, 1 and -1 stay small whatever the exponent is.
        let odd = exponent.is_odd();
        return Ok(match base.sign() {
            Sign::NoSign => Value::Int(i64::from(exponent.is_zero())),
            Sign::Minus if odd => Value::Int(-1),
            _ => Value::Int(1),
        });
    }
    let bits = exponent
        .to_u64()
        .and_then(|exponent| exponent.checked_mul(base.bits()))
        .filter(|bits| *bits <= MAX_BITS)
        .ok_or_else(too_many_bits)?;
    budget.steps(bits / 64)?;
    let exponent = exponent.to_u32().ok_or_else(too_many_bits)?;
    Ok(big(base.pow(exponent)))
}

/// `-value`.
pub fn negate(value: &Value) -> Outcome {
    match value {
        Value::Float(number) => Ok(Value::Float(-number)),
        Value::TimeSpan(span) => span
            .checked_neg()
            .map(Value::TimeSpan)
            .ok_or_else(span_overflow),
        other => as_big(other)
            .map(|number| big(-number))
            .ok_or_else(|| unary("-", other)),
    }
}

/// `+value`.
pub fn positive(value: &Value) -> Outcome {
    match value {
        Value::Float(_) | Value::TimeSpan(_) => Ok(value.clone()),
        other => as_big(other).map(big).ok_or_else(|| unary("+", other)),
    }
}

/// Integers where both are, floats where one is.
fn arithmetic(
    one: &Value,
    other: &Value,
    symbol: &str,
    budget: &Budget,
    integers: impl FnOnce(&BigInt, &BigInt) -> Result<BigInt, Error>,
    reals: impl FnOnce(f64, f64) -> Result<f64, Error>,
) -> Outcome {
    if let (Some(a), Some(b)) = (as_big(one), as_big(other)) {
        // A word of a number takes about a step.
        budget.steps((a.bits() + b.bits()) / 64)?;
        let outcome = big(integers(&a, &b)?);
        budget.charge(usize::try_from(outcome.weight()).unwrap_or(usize::MAX))?;
        return Ok(outcome);
    }
    let (a, b) = floats(one, other, symbol)?;
    reals(a, b).map(Value::Float)
}

fn floats(one: &Value, other: &Value, symbol: &str) -> Result<(f64, f64), Error> {
    match (as_float(one), as_float(other)) {
        (Some(a), Some(b)) => Ok((a?, b?)),
        _ => Err(unsupported(symbol, one, other)),
    }
}

/// Python's `TypeError` of a binary operator.
#[must_use]
pub fn unsupported(symbol: &str, one: &Value, other: &Value) -> Error {
    Error::type_error(format!(
        "unsupported operand type(s) for {symbol}: '{}' and '{}'",
        one.type_name(),
        other.type_name()
    ))
}

fn unary(symbol: &str, value: &Value) -> Error {
    Error::type_error(format!(
        "bad operand type for unary {symbol}: '{}'",
        value.type_name()
    ))
}

fn big(number: BigInt) -> Value {
    Value::from_big(number)
}

fn nonzero(number: &BigInt, message: &str) -> Result<(), Error> {
    if number.is_zero() {
        return Err(zero_division(message));
    }
    Ok(())
}

fn zero_division(message: &str) -> Error {
    Error::new(Class::ZeroDivision, message)
}

fn too_many_bits() -> Error {
    Error::new(Class::Limit, "the integer is too large")
}

fn check_bits(
    one: &Value,
    other: &Value,
    total: impl FnOnce(u64, u64) -> u64,
) -> Result<(), Error> {
    if let (Value::Big(_), _) | (_, Value::Big(_)) = (one, other)
        && let (Some(a), Some(b)) = (as_big(one), as_big(other))
        && total(a.bits(), b.bits()) > MAX_BITS
    {
        return Err(too_many_bits());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    fn budget() -> Budget {
        Budget::new(Limits::default())
    }

    fn int(number: i64) -> Value {
        Value::Int(number)
    }

    #[test]
    fn integers_have_no_end() {
        let budget = budget();

        let sum = add(&int(i64::MAX), &int(1), &budget).unwrap();
        assert_eq!(sum.repr(), "9223372036854775808");
        assert_eq!(subtract(&sum, &int(1), &budget), Ok(int(i64::MAX)));
        assert_eq!(
            power(&int(2), &int(100), &budget).unwrap().repr(),
            "1267650600228229401496703205376"
        );
        assert_eq!(
            negate(&int(i64::MIN)).unwrap().repr(),
            "9223372036854775808"
        );
        assert_eq!(
            floor_divide(&int(i64::MIN), &int(-1), &budget)
                .unwrap()
                .repr(),
            "9223372036854775808"
        );
    }

    #[test]
    fn division_floors_and_the_remainder_has_the_sign_of_the_divisor() {
        let budget = budget();
        for (a, b, quotient, remainder) in [
            (-10, 3, -4, 2),
            (10, -3, -4, -2),
            (7, 2, 3, 1),
            (-7, -2, 3, -1),
        ] {
            assert_eq!(floor_divide(&int(a), &int(b), &budget), Ok(int(quotient)));
            assert_eq!(modulo(&int(a), &int(b), &budget), Ok(int(remainder)));
        }
        assert_eq!(
            modulo(&Value::Float(-0.5), &int(2), &budget),
            Ok(Value::Float(1.5))
        );
        assert_eq!(
            floor_divide(&Value::Float(7.5), &int(-2), &budget),
            Ok(Value::Float(-4.0))
        );
        assert_eq!(divide(&int(1), &int(4), &budget), Ok(Value::Float(0.25)));
    }

    #[test]
    fn large_quotients_are_rounded_once() {
        let budget = budget();
        let a = power(&int(10), &int(400), &budget).unwrap();
        let b = power(&int(10), &int(399), &budget).unwrap();

        assert_eq!(divide(&a, &b, &budget), Ok(Value::Float(10.0)));
        assert_eq!(
            divide(&a, &int(3), &budget).unwrap_err().class,
            Class::Overflow
        );
    }

    #[test]
    fn division_by_zero_says_so() {
        let budget = budget();
        for outcome in [
            divide(&int(1), &int(0), &budget),
            floor_divide(&int(1), &Value::Bool(false), &budget),
            modulo(&Value::Float(1.0), &int(0), &budget),
        ] {
            assert_eq!(outcome.unwrap_err().class, Class::ZeroDivision);
        }
    }

    #[test]
    fn integers_that_grow_for_ever_run_out_of_memory() {
        let budget = Budget::new(Limits {
            bytes: 1 << 20,
            ..Limits::default()
        });
        let mut number = int(1);
        let error = loop {
            match multiply(&number, &int(10), &budget) {
                Ok(next) => number = next,
                Err(error) => break error,
            }
        };

        assert_eq!(error.class, Class::Limit);
    }

    #[test]
    fn what_grows_stays_within_the_budget() {
        let budget = budget();
        for outcome in [
            multiply(&Value::from("abc"), &int(1 << 40), &budget),
            multiply(&int(1 << 60), &Value::list(vec![Value::None; 64]), &budget),
            power(&int(10), &int(10_000_000), &budget),
        ] {
            assert_eq!(outcome.unwrap_err().class, Class::Limit);
        }
        assert_eq!(
            multiply(&Value::from("ab"), &int(-1), &budget),
            Ok(Value::from(""))
        );
    }

    #[test]
    fn types_that_do_not_fit_are_named() {
        assert_eq!(
            add(&int(1), &Value::from("a"), &budget())
                .unwrap_err()
                .to_string(),
            "unsupported operand type(s) for +: 'int' and 'str'"
        );
    }
}
