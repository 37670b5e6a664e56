//! Lists as a whole.

use pyvalue::Value;

use crate::evaluate::Run;
use crate::function::{Call, Function, Outcome, Param, Type};
use crate::generator::{Stream, is_iterable, is_iterator};

const COLLECTION: Param = Param::new("collection", Type::Iterable);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("list", &[Param::rest("args", Type::Any)], |call| {
        call.run().held(Value::tuple(flat(call)?))
    }),
    Function::method("toList", &[COLLECTION], to_list),
    Function::method("flatten", &[COLLECTION], flatten),
    Function::function("isList", &[Param::any("arg")], |call| {
        Ok(Value::Bool(Type::Sequence.takes(call.arg(0))))
    }),
    Function::function("isIterable", &[Param::any("value")], |call| {
        Ok(Value::Bool(is_iterable(call.arg(0))))
    }),
    Function::both("len", &[Param::new("sequence", Type::Sequence)], length),
];

/// The arguments; in place of an iterator its items, at any depth of iterators.
pub(super) fn flat(call: &Call<'_>) -> Outcome<Vec<Value>> {
    let mut flat = Vec::new();
    for argument in call.rest() {
        add(&mut flat, argument.clone(), call.run())?;
    }
    Ok(flat)
}

fn add(flat: &mut Vec<Value>, value: Value, run: &Run<'_>) -> Outcome<()> {
    if !is_iterator(&value) {
        run.budget().charge(size_of::<Value>())?;
        flat.push(value);
        return Ok(());
    }
    let _nested = run.budget().enter()?;
    let mut items = Stream::of(&value, run)?;
    while let Some(item) = items.next(run)? {
        add(flat, item, run)?;
    }
    Ok(())
}

fn to_list(call: &Call<'_>) -> Outcome {
    match call.arg(0) {
        tuple @ Value::Tuple(_) => Ok(tuple.clone()),
        Value::List(items) => Ok(Value::Tuple(items.clone())),
        _ => call.run().held(Value::tuple(call.collect(0)?)),
    }
}

/// Items of iterables, at any depth; texts and dictionaries are items.
fn flatten(call: &Call<'_>) -> Outcome {
    let mut open = vec![call.stream(0)?];
    call.lazy(move |run: &Run<'_>| {
        while let Some(innermost) = open.last_mut() {
            match innermost.next(run)? {
                None => {
                    open.pop();
                }
                Some(item) if is_iterable(&item) => {
                    run.budget().charge(size_of::<Stream>())?;
                    open.push(Stream::of(&item, run)?);
                }
                item => return Ok(item),
            }
        }
        Ok(None)
    })
}

fn length(call: &Call<'_>) -> Outcome {
    let length = match call.arg(0) {
        Value::Bytes(bytes) => bytes.len(),
        _ => call.list(0)?.len(),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}
