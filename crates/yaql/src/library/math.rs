//! Numbers: conversions, rounding, powers, bits, chance.
//!
//! Python's meaning throughout: integers have no end, a boolean is an integer where the parameter says `int`, and no
//! number where it says `number`.

mod bits;

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};
use pyvalue::number::{as_big, as_float, to_float, to_int};
use pyvalue::{Class, Error, Value, format, operator};

use crate::function::{Call, Function, Outcome, Param, Type};

const NUMBER: Param = Param::new("op", Type::Number);

/// A table for each file.
pub(crate) const TABLES: &[&[Function]] = &[FUNCTIONS, bits::FUNCTIONS];

const FUNCTIONS: &[Function] = &[
    Function::function("abs", &[NUMBER], abs),
    Function::function("float", &[Param::any("value")], float),
    Function::function("int", &[Param::any("value")], int),
    Function::function("isInteger", &[Param::any("value")], is_integer),
    Function::function("isNumber", &[Param::any("value")], is_number),
    Function::function("max", &[Param::any("a"), Param::any("b")], max),
    Function::function("min", &[Param::any("a"), Param::any("b")], min),
    Function::function(
        "pow",
        &[
            Param::new("a", Type::Number),
            Param::new("b", Type::Number),
            Param::new("c", Type::Number).or_null(),
        ],
        pow,
    ),
    Function::function("random", &[], random),
    Function::function(
        "random",
        &[Param::any("from"), Param::any("to")],
        random_integer,
    ),
    Function::function(
        "round",
        &[
            Param::new("number", Type::Number),
            Param::new("ndigits", Type::Int).or_int(0),
        ],
        round,
    ),
    Function::function("sign", &[Param::new("num", Type::Number)], sign),
];

fn abs(call: &Call<'_>) -> Outcome {
    let number = call.arg(0);
    Ok(match number {
        Value::Float(float) => Value::Float(float.abs()),
        Value::Int(integer) if *integer >= 0 => number.clone(),
        Value::Big(integer) if integer.is_positive() => number.clone(),
        other => operator::negate(other)?,
    })
}

fn float(call: &Call<'_>) -> Outcome {
    match call.arg(0) {
        Value::None => Ok(Value::Float(0.0)),
        value => Ok(Value::Float(to_float(value)?)),
    }
}

fn int(call: &Call<'_>) -> Outcome {
    match call.arg(0) {
        Value::None => Ok(Value::Int(0)),
        value => Ok(to_int(value)?),
    }
}

fn is_integer(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(Type::Integer.takes(call.arg(0))))
}

fn is_number(call: &Call<'_>) -> Outcome {
    Ok(Value::Bool(Type::Number.takes(call.arg(0))))
}

/// The first where neither is greater.
fn max(call: &Call<'_>) -> Outcome {
    let (a, b) = (call.arg(0), call.arg(1));
    let is_greater = call.delegate("#operator_>", &[b.clone(), a.clone()])?;
    Ok(if is_greater.is_true() { b } else { a }.clone())
}

/// The second where neither is greater.
fn min(call: &Call<'_>) -> Outcome {
    let (a, b) = (call.arg(0), call.arg(1));
    let is_greater = call.delegate("#operator_>", &[b.clone(), a.clone()])?;
    Ok(if is_greater.is_true() { a } else { b }.clone())
}

fn pow(call: &Call<'_>) -> Outcome {
    let (base, exponent) = (call.arg(0), call.arg(1));
    if call.arg(2).is_none() {
        return Ok(operator::power(base, exponent, call.budget())?);
    }
    let (Some(base), Some(exponent), Some(modulus)) =
        (as_big(base), as_big(exponent), as_big(call.arg(2)))
    else {
        return Err(Error::type_error(
            "pow() 3rd argument not allowed unless all arguments are integers",
        )
        .into());
    };
    if modulus.is_zero() {
        return Err(Error::value_error("pow() 3rd argument cannot be 0").into());
    }
    let words = modulus.bits() / 64 + 1;
    call.budget()
        .steps(exponent.bits().saturating_mul(words).saturating_mul(words) / 16)?;
    take_square(call, &base)?;
    take_square(call, &modulus)?;
    bits::made(call, modular_power(&base, &exponent, &modulus)?)
}

/// Takes the steps of what takes as long as the number is, squared: divisions, digits, common divisors.
fn take_square(call: &Call<'_>, number: &BigInt) -> Outcome<()> {
    let words = number.bits() / 64;
    Ok(call.budget().steps(words.saturating_mul(words) / 16)?)
}

/// The result has the sign of the modulus.
fn modular_power(base: &BigInt, exponent: &BigInt, modulus: &BigInt) -> Result<BigInt, Error> {
    if !exponent.is_negative() {
        return Ok(base.modpow(exponent, modulus));
    }
    let size = modulus.abs();
    let found = base.mod_floor(&size).extended_gcd(&size);
    if !found.gcd.is_one() {
        return Err(Error::value_error(
            "base is not invertible for the given modulus",
        ));
    }
    Ok(found.x.modpow(&-exponent, modulus))
}

/// Integers stay integers and floats stay floats, also without digits behind the point.
fn round(call: &Call<'_>) -> Outcome {
    let digits = as_big(call.arg(1)).unwrap_or_default();
    match call.arg(0) {
        Value::Float(float) => {
            let clamped = if digits.is_negative() { -400 } else { 400 };
            let rounded = format::round_half_even(*float, digits.to_i64().unwrap_or(clamped));
            if rounded.is_infinite() && float.is_finite() {
                return Err(
                    Error::new(Class::Overflow, "rounded value too large to represent").into(),
                );
            }
            Ok(Value::Float(rounded))
        }
        integer if !digits.is_negative() => Ok(integer.clone()),
        integer => {
            let number = as_big(integer).unwrap_or_default();
            take_square(call, &number)?;
            bits::made(call, round_integer(&number, &-digits))
        }
    }
}

/// To a multiple of a power of ten; ties to the even multiple.
fn round_integer(number: &BigInt, zeros: &BigInt) -> BigInt {
    // A number has at least 3 bits for each decimal digit: with more zeros than that nothing is left.
    let Some(zeros) = zeros
        .to_u32()
        .filter(|zeros| u64::from(*zeros) <= number.bits() / 3 + 1)
    else {
        return BigInt::zero();
    };
    let unit = BigInt::from(10).pow(zeros);
    let (multiple, rest) = number.div_mod_floor(&unit);
    let twice = rest * 2;
    let is_up = twice > unit || (twice == unit && multiple.is_odd());
    (multiple + u8::from(is_up)) * unit
}

fn sign(call: &Call<'_>) -> Outcome {
    let order = pyvalue::order(call.arg(0), &Value::Int(0))?;
    Ok(Value::Int(order.map_or(0, |order| order as i64)))
}

fn random(call: &Call<'_>) -> Outcome {
    Ok(Value::Float(call.random()))
}

/// An integer between two, both included.
fn random_integer(call: &Call<'_>) -> Outcome {
    let first = whole(call.arg(0))?;
    let last = whole(call.arg(1))?;
    let span: BigInt = &last - &first + 1;
    if !span.is_positive() {
        return Err(
            Error::value_error(format!("empty range for random: {first} to {last}")).into(),
        );
    }
    let mut bytes = Vec::new();
    for _ in 0..=span.bits() / 64 + 1 {
        call.budget().step()?;
        bytes.extend(call.run().random_bits().to_be_bytes());
    }
    let drawn = BigInt::from_bytes_be(Sign::Plus, &bytes);
    bits::made(call, first + drawn.mod_floor(&span))
}

fn whole(value: &Value) -> Result<BigInt, Error> {
    if let Some(integer) = as_big(value) {
        return Ok(integer);
    }
    match as_float(value).transpose()?.map(pyvalue::number::whole) {
        Some(Some(whole)) => Ok(as_big(&whole).unwrap_or_default()),
        Some(None) => Err(Error::value_error("random takes whole numbers only")),
        None => Err(Error::type_error(format!(
            "random takes numbers, not '{}'",
            value.type_name()
        ))),
    }
}
