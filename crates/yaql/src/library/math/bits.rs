//! Bits of integers: Python's are endless, with the sign at the far left.

use num_bigint::BigInt;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};
use pyvalue::number::as_big;
use pyvalue::{Class, Error, Value};

use crate::function::{Call, Function, Outcome, Param, Type};

/// Integers longer than this are refused, as everywhere.
const MAX_BITS: u64 = 1 << 20;

const OPERANDS: &[Param] = &[
    Param::new("left", Type::Int),
    Param::new("right", Type::Int),
];
const SHIFT: &[Param] = &[
    Param::new("value", Type::Int),
    Param::new("bitsNumber", Type::Int),
];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("bitwiseAnd", OPERANDS, and),
    Function::function("bitwiseOr", OPERANDS, or),
    Function::function("bitwiseXor", OPERANDS, xor),
    Function::function("bitwiseNot", &[Param::new("arg", Type::Int)], not),
    Function::function("shiftBitsLeft", SHIFT, shift_left),
    Function::function("shiftBitsRight", SHIFT, shift_right),
];

fn and(call: &Call<'_>) -> Outcome {
    combine(call, |a, b| a && b, |a, b| a & b, |a, b| a & b)
}

fn or(call: &Call<'_>) -> Outcome {
    combine(call, |a, b| a || b, |a, b| a | b, |a, b| a | b)
}

fn xor(call: &Call<'_>) -> Outcome {
    combine(call, |a, b| a != b, |a, b| a ^ b, |a, b| a ^ b)
}

/// Two booleans give a boolean.
fn combine(
    call: &Call<'_>,
    truths: fn(bool, bool) -> bool,
    small: fn(i64, i64) -> i64,
    large: fn(BigInt, BigInt) -> BigInt,
) -> Outcome {
    Ok(match (call.arg(0), call.arg(1)) {
        (Value::Bool(a), Value::Bool(b)) => Value::Bool(truths(*a, *b)),
        (Value::Int(a), Value::Int(b)) => Value::Int(small(*a, *b)),
        (a, b) => return made(call, large(big(a), big(b))),
    })
}

fn not(call: &Call<'_>) -> Outcome {
    made(call, !big(call.arg(0)))
}

fn shift_left(call: &Call<'_>) -> Outcome {
    let (value, count) = (big(call.arg(0)), count(call)?);
    if value.is_zero() {
        return Ok(Value::Int(0));
    }
    let count = count
        .to_u64()
        .filter(|count| count.saturating_add(value.bits()) <= MAX_BITS)
        .ok_or_else(|| Error::new(Class::Limit, "the integer is too large"))?;
    call.budget()
        .charge(usize::try_from(count / 8).unwrap_or(usize::MAX))?;
    Ok(Value::from_big(value << count))
}

fn shift_right(call: &Call<'_>) -> Outcome {
    let (value, count) = (big(call.arg(0)), count(call)?);
    let all = || Value::Int(if value.is_negative() { -1 } else { 0 });
    match count.to_u64() {
        Some(count) if count <= value.bits() => made(call, value >> count),
        _ => Ok(all()),
    }
}

fn count(call: &Call<'_>) -> Result<BigInt, Error> {
    let count = big(call.arg(1));
    if count.is_negative() {
        return Err(Error::value_error("negative shift count"));
    }
    Ok(count)
}

/// An integer, its memory charged.
pub(super) fn made(call: &Call<'_>, number: BigInt) -> Outcome {
    let number = Value::from_big(number);
    if let Value::Big(_) = number {
        call.budget()
            .charge(usize::try_from(number.weight()).unwrap_or(usize::MAX))?;
    }
    Ok(number)
}

fn big(value: &Value) -> BigInt {
    as_big(value).unwrap_or_default()
}
