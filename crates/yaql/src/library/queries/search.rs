//! Where an item stands, and whether it is there.

use pyvalue::Value;

use super::super::common::equal;
use super::super::values::key;
use super::{COLLECTION, PREDICATE};
use crate::function::{Call, Function, Outcome, Param};

const ITEM: Param = Param::any("item");

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("contains", &[COLLECTION, Param::any("value")], contains),
    Function::method("indexOf", &[COLLECTION, ITEM], |call| {
        first(call, |call, item| equal(item, call.arg(1), call.budget()))
    }),
    Function::method("lastIndexOf", &[COLLECTION, ITEM], |call| {
        last(call, |call, item| equal(item, call.arg(1), call.budget()))
    }),
    Function::method("indexWhere", &[COLLECTION, PREDICATE], |call| {
        first(call, test)
    }),
    Function::method("lastIndexWhere", &[COLLECTION, PREDICATE], |call| {
        last(call, test)
    }),
];

type Test = fn(&Call<'_>, &Value) -> Outcome<bool>;

fn test(call: &Call<'_>, item: &Value) -> Outcome<bool> {
    call.lambda(1)?.test(call.run(), std::slice::from_ref(item))
}

fn contains(call: &Call<'_>) -> Outcome {
    let sought = call.arg(1);
    if let Value::Set(set) = call.arg(0) {
        return Ok(Value::Bool(set.contains(key(sought, call.budget())?)));
    }
    for item in call.iterate(0)? {
        let item = item?;
        if equal(&item, sought, call.budget())? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn first(call: &Call<'_>, test: Test) -> Outcome {
    for (index, item) in (0..).zip(call.iterate(0)?) {
        if test(call, &item?)? {
            return Ok(Value::Int(index));
        }
    }
    Ok(Value::Int(-1))
}

fn last(call: &Call<'_>, test: Test) -> Outcome {
    let mut found = -1;
    for (index, item) in (0..).zip(call.iterate(0)?) {
        if test(call, &item?)? {
            found = index;
        }
    }
    Ok(Value::Int(found))
}
