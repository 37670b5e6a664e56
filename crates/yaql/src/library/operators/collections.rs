//! Operators of texts, lists, dictionaries and sets; the brackets.

use pyvalue::{Dict, Value, operator};

use crate::dispatch::Pair;
use crate::evaluate::{Run, item, member};
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::library::collections::set;
use crate::library::common::equal;
use crate::library::values::{SLOT, key};

const fn two(left: &'static str, one: Type, right: &'static str, other: Type) -> [Param; 2] {
    [Param::new(left, one), Param::new(right, other)]
}

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("#operator_+", &[Param::rest("args", Type::Str)], concat),
    Function::function(
        "#operator_+",
        &two("left", Type::Iterable, "right", Type::Iterable),
        join,
    ),
    Function::function(
        "#operator_+",
        &two("left", Type::Dict, "right", Type::Dict),
        merge,
    ),
    Function::function(
        "#operator_-",
        &two("left", Type::Set, "right", Type::Set),
        set::difference,
    ),
    Function::function(
        "#operator_*",
        &two("left", Type::Sequence, "right", Type::Int),
        repeat,
    ),
    Function::function(
        "#operator_*",
        &two("left", Type::Int, "right", Type::Sequence),
        repeat,
    ),
    Function::function(
        "#operator_*",
        &two("left", Type::Str, "right", Type::Int),
        repeat,
    ),
    Function::function(
        "#operator_*",
        &two("left", Type::Int, "right", Type::Str),
        repeat,
    ),
    Function::function(
        "#operator_in",
        &two("value", Type::Any, "collection", Type::Iterable),
        is_in,
    ),
    Function::function(
        "#operator_in",
        &two("left", Type::Str, "right", Type::Str),
        |call| Ok(Value::Bool(call.text(1)?.contains(call.text(0)?))),
    ),
    Function::function("#list", &[Param::rest("args", Type::Any)], |call| {
        call.tuple(call.rest().cloned().collect())
    }),
    Function::function("#map", &[Param::rest("args", Type::Pair)], map).without_names(),
    Function::function(
        "#indexer",
        &two("dict", Type::Dict, "key", Type::Any),
        |call| member(call.dict(0)?, call.arg(1), call.budget()),
    ),
    Function::function(
        "#indexer",
        &[
            Param::new("dict", Type::Dict),
            Param::any("key"),
            Param::any("default"),
        ],
        |call| {
            let sought = key(call.arg(1), call.budget())?;
            let found = call.dict(0)?.get_value(sought);
            Ok(found.unwrap_or_else(|| call.arg(2)).clone())
        },
    ),
    Function::function(
        "#indexer",
        &two("list", Type::Sequence, "index", Type::Int),
        index,
    ),
];

fn concat(call: &Call<'_>) -> Outcome {
    let mut text = String::new();
    for part in call.rest().filter_map(Value::as_str) {
        call.budget().charge(part.len())?;
        text.push_str(part);
    }
    Ok(Value::from(text))
}

/// Lists of the data or the expression make a list, sets a set, anything else a walk over one and then the other.
fn join(call: &Call<'_>) -> Outcome {
    match (call.arg(0), call.arg(1)) {
        (Value::Tuple(left), Value::Tuple(right)) => {
            call.budget()
                .charge((left.len() + right.len()) * size_of::<Value>())?;
            call.tuple([&**left, &**right].concat())
        }
        (Value::Set(left), Value::Set(right)) => {
            set::collect(call, left.iter().chain(right.iter()))
        }
        _ => {
            let mut walks = [call.stream(0)?, call.stream(1)?];
            call.lazy(move |run: &Run<'_>| {
                for walk in &mut walks {
                    if let Some(item) = walk.next(run)? {
                        return Ok(Some(item));
                    }
                }
                Ok(None)
            })
        }
    }
}

fn merge(call: &Call<'_>) -> Outcome {
    let (left, right) = (call.dict(0)?, call.dict(1)?);
    call.budget()
        .charge((left.len() + right.len()).saturating_mul(SLOT))?;
    let mut both = left.clone();
    for (name, value) in right.iter() {
        call.budget().step()?;
        both.insert(key(name, call.budget())?.clone(), value.clone());
    }
    call.run().held(Value::Dict(both))
}

fn repeat(call: &Call<'_>) -> Outcome {
    call.run()
        .held(operator::multiply(call.arg(0), call.arg(1), call.budget())?)
}

fn is_in(call: &Call<'_>) -> Outcome {
    if let Value::Set(set) = call.arg(1) {
        let sought = key(call.arg(0), call.budget())?;
        return Ok(Value::Bool(set.contains(sought)));
    }
    for item in call.iterate(1)? {
        let item = item?;
        if equal(&item, call.arg(0), call.budget())? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn map(call: &Call<'_>) -> Outcome {
    let mut dict = Dict::with_capacity(call.rest().len());
    for pair in call.rest().filter_map(Pair::of) {
        dict.insert(key(&pair.key, call.budget())?.clone(), pair.value.clone());
    }
    call.checked(Value::Dict(dict))
}

fn index(call: &Call<'_>) -> Outcome {
    match call.arg(0) {
        Value::Bytes(bytes) => {
            let bytes: Vec<Value> = bytes
                .iter()
                .map(|byte| Value::Int(i64::from(*byte)))
                .collect();
            item(&bytes, call.int(1)?)
        }
        Value::List(items) | Value::Tuple(items) => item(items, call.int(1)?),
        _ => Err(Fault::wrong_type("only lists have an index")),
    }
}
