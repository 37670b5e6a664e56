//! Truth.

use pyvalue::Value;

use crate::function::{Call, Function, Outcome, Param};

const LAZY: &[Param] = &[Param::lambda("left"), Param::lambda("right")];
const VALUE: &[Param] = &[Param::any("value")];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("#operator_and", LAZY, and),
    Function::function("#operator_or", LAZY, or),
    Function::function("#unary_operator_not", &[Param::any("arg")], |call| {
        Ok(Value::Bool(!call.is_true(0)))
    }),
    Function::function("bool", VALUE, |call| Ok(Value::Bool(call.is_true(0)))),
    Function::function("isBoolean", VALUE, |call| {
        Ok(Value::Bool(matches!(call.arg(0), Value::Bool(_))))
    }),
];

fn and(call: &Call<'_>) -> Outcome {
    let left = call.lambda(0)?.invoke(call.run(), &[])?;
    if left.is_true() {
        return call.lambda(1)?.invoke(call.run(), &[]);
    }
    Ok(left)
}

fn or(call: &Call<'_>) -> Outcome {
    let left = call.lambda(0)?.invoke(call.run(), &[])?;
    if left.is_true() {
        return Ok(left);
    }
    call.lambda(1)?.invoke(call.run(), &[])
}
