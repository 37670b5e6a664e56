//! Sets. Members stay in the order in which they came.

use pyvalue::{Set, Value};

use super::super::values::{SLOT, Seen, key};
use super::list::flat;
use crate::function::{Call, Function, Outcome, Param, Type};

const SET: Param = Param::new("set", Type::Set);
const VALUES: Param = Param::rest("values", Type::Any);
const TWO: &[Param] = &[
    Param::new("left", Type::Set),
    Param::new("right", Type::Set),
];

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("set", &[Param::rest("args", Type::Any)], |call| {
        of_items(call, flat(call)?)
    }),
    Function::method(
        "toSet",
        &[Param::new("collection", Type::Iterable)],
        |call| match call.arg(0) {
            set @ Value::Set(_) => Ok(set.clone()),
            _ => of_items(call, call.collect(0)?),
        },
    ),
    Function::method("union", TWO, |call| {
        let (left, right) = (call.set(0)?, call.set(1)?);
        collect(call, left.iter().chain(right.iter()))
    }),
    Function::method("intersect", TWO, |call| {
        let (left, right) = (call.set(0)?, call.set(1)?);
        walk_both(call)?;
        collect(call, left.iter().filter(|value| right.contains(value)))
    }),
    Function::method("difference", TWO, difference),
    Function::method("symmetricDifference", TWO, |call| {
        let (left, right) = (call.set(0)?, call.set(1)?);
        walk_both(call)?;
        let of_left = left.iter().filter(|value| !right.contains(value));
        let of_right = right.iter().filter(|value| !left.contains(value));
        collect(call, of_left.chain(of_right))
    }),
    Function::method("add", &[SET, VALUES], add),
    Function::method("remove", &[SET, VALUES], remove),
    Function::function("isSet", &[Param::any("arg")], |call| {
        Ok(Value::Bool(Type::Set.takes(call.arg(0))))
    }),
    Function::both("len", &[SET], |call| {
        Ok(Value::Int(
            i64::try_from(call.set(0)?.len()).unwrap_or(i64::MAX),
        ))
    }),
];

fn of_items(call: &Call<'_>, items: Vec<Value>) -> Outcome {
    let mut seen = Seen::default();
    for item in items {
        seen.add(&item, call.budget())?;
    }
    call.run().held(Value::Set(seen.into_set()))
}

/// Members of the one that are not in the other.
pub(crate) fn difference(call: &Call<'_>) -> Outcome {
    let (left, right) = (call.set(0)?, call.set(1)?);
    walk_both(call)?;
    collect(call, left.iter().filter(|value| !right.contains(value)))
}

/// Takes the steps of looking all members of either up in the other.
fn walk_both(call: &Call<'_>) -> Outcome<()> {
    call.budget().walk(call.arg(0))?;
    Ok(call.budget().walk(call.arg(1))?)
}

/// Members of other sets.
pub(crate) fn collect<'v>(call: &Call<'_>, values: impl Iterator<Item = &'v Value>) -> Outcome {
    let mut set = Set::default();
    for value in values {
        call.budget().step()?;
        call.budget().charge(SLOT)?;
        set.insert(key(value, call.budget())?.clone());
    }
    call.run().held(Value::Set(set))
}

fn add(call: &Call<'_>) -> Outcome {
    let mut set = call.set(0)?.clone();
    call.budget().charge(set.len() * SLOT)?;
    for value in call.rest() {
        call.budget().charge(SLOT)?;
        set.insert(key(value, call.budget())?.clone());
    }
    call.run().held(Value::Set(set))
}

fn remove(call: &Call<'_>) -> Outcome {
    let mut gone = Set::default();
    for value in call.rest() {
        call.budget().charge(SLOT)?;
        gone.insert(key(value, call.budget())?.clone());
    }
    let set = call.set(0)?;
    call.budget().walk(call.arg(0))?;
    collect(call, set.iter().filter(|value| !gone.contains(value)))
}
