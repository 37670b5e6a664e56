//! `+ - * / mod` of numbers.

use pyvalue::{Value, operator};

use crate::function::{Call, Function, Outcome, Param, Type};

const TWO: &[Param] = &[
    Param::new("left", Type::Number),
    Param::new("right", Type::Number),
];
const ONE: &[Param] = &[Param::new("op", Type::Number)];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("#operator_+", TWO, |call| {
        Ok(operator::add(call.arg(0), call.arg(1), call.budget())?)
    }),
    Function::function("#operator_-", TWO, |call| {
        Ok(operator::subtract(call.arg(0), call.arg(1), call.budget())?)
    }),
    Function::function("#operator_*", TWO, |call| {
        Ok(operator::multiply(call.arg(0), call.arg(1), call.budget())?)
    }),
    Function::function("#operator_/", TWO, divide),
    Function::function("#operator_mod", TWO, |call| {
        Ok(operator::modulo(call.arg(0), call.arg(1), call.budget())?)
    }),
    Function::function("#unary_operator_+", ONE, |call| {
        Ok(operator::positive(call.arg(0))?)
    }),
    Function::function("#unary_operator_-", ONE, |call| {
        Ok(operator::negate(call.arg(0))?)
    }),
];

/// Between integers it rounds down.
fn divide(call: &Call<'_>) -> Outcome {
    let (left, right) = (call.arg(0), call.arg(1));
    let divide = match (left, right) {
        (Value::Float(_), _) | (_, Value::Float(_)) => operator::divide,
        _ => operator::floor_divide,
    };
    Ok(divide(left, right, call.budget())?)
}
