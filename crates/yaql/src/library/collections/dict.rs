//! Dictionaries.

use pyvalue::{Dict, Value};

use super::super::common::equal;
use super::super::queries::items_of;
use super::super::values::{SLOT, key};
use super::set;
use crate::dispatch::Pair;
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::{Restart, Stream};

const DICT: Param = Param::new("dict", Type::Dict);
const KEY: Param = Param::any("key");
const VALUE: Param = Param::any("value");
const PAIRS: Param = Param::rest("args", Type::Pair);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("dict", &[PAIRS], |call| with_pairs(call, Dict::default())).without_names(),
    Function::function("dict", &[Param::new("items", Type::Iterable)], of_items).without_names(),
    Function::method(
        "toDict",
        &[
            Param::new("collection", Type::Iterable),
            Param::lambda("keySelector"),
            Param::lambda("valueSelector").or_null(),
        ],
        to_dict,
    ),
    Function::method("get", &[DICT, KEY, Param::any("default").or_null()], get),
    Function::method("set", &[DICT, KEY, VALUE], |call| {
        let mut dict = copy(call)?;
        insert(call, &mut dict, call.arg(1), call.arg(2).clone())?;
        call.run().held(Value::Dict(dict))
    })
    .without_names(),
    Function::method(
        "set",
        &[DICT, Param::new("replacements", Type::Dict)],
        set_all,
    )
    .without_names(),
    Function::method("set", &[DICT, PAIRS], |call| with_pairs(call, copy(call)?)).without_names(),
    Function::method("delete", &[DICT, Param::rest("keys", Type::Any)], |call| {
        let keys: Vec<Value> = call.rest().cloned().collect();
        delete(call, keys)
    }),
    Function::method(
        "deleteAll",
        &[DICT, Param::new("keys", Type::Iterable)],
        |call| delete(call, call.collect(1)?),
    ),
    Function::method("keys", &[DICT], keys),
    Function::method("values", &[DICT], |call| {
        call.restartable(Values(call.dict(0)?.clone()))
    }),
    Function::method("items", &[DICT], items),
    Function::method("containsKey", &[DICT, KEY], |call| {
        let sought = key(call.arg(1), call.budget())?;
        Ok(Value::Bool(call.dict(0)?.get_value(sought).is_some()))
    }),
    Function::method("containsValue", &[DICT, VALUE], contains_value),
    Function::function("isDict", &[Param::any("arg")], |call| {
        Ok(Value::Bool(call.arg(0).as_dict().is_some()))
    }),
    Function::both("len", &[DICT], |call| {
        Ok(Value::Int(
            i64::try_from(call.dict(0)?.len()).unwrap_or(i64::MAX),
        ))
    }),
];

/// What `values()` gives: no iterator, but it can be walked over, and again.
struct Values(Dict);

impl Restart for Values {
    fn type_name(&self) -> &'static str {
        "ValuesView"
    }

    fn start(&self, run: &Run<'_>) -> Outcome<Stream> {
        run.budget().charge(self.0.len() * size_of::<Value>())?;
        Ok(Stream::of_items(self.0.values().cloned().collect()))
    }

    fn is_true(&self) -> bool {
        !self.0.is_empty()
    }

    fn depth(&self) -> u32 {
        self.0.depth()
    }
}

/// A copy of the first argument, to be changed.
fn copy(call: &Call<'_>) -> Outcome<Dict> {
    let dict = call.dict(0)?;
    call.budget().charge(dict.len() * SLOT)?;
    Ok(dict.clone())
}

fn insert(call: &Call<'_>, dict: &mut Dict, name: &Value, value: Value) -> Outcome<()> {
    call.budget().charge(SLOT)?;
    dict.insert(key(name, call.budget())?.clone(), value);
    Ok(())
}

fn with_pairs(call: &Call<'_>, mut dict: Dict) -> Outcome {
    for pair in call.rest().filter_map(Pair::of) {
        insert(call, &mut dict, &pair.key, pair.value.clone())?;
    }
    call.run().held(Value::Dict(dict))
}

/// The first two items of each item: texts and dictionaries are walked over too.
fn of_items(call: &Call<'_>) -> Outcome {
    let mut dict = Dict::default();
    for item in call.iterate(0)? {
        let mut parts = Parts::of(&item?, call.run())?;
        let (name, value) = (parts.next(call.run())?, parts.next(call.run())?);
        insert(call, &mut dict, &name, value)?;
    }
    call.run().held(Value::Dict(dict))
}

struct Parts(Stream);

impl Parts {
    fn of(item: &Value, run: &Run<'_>) -> Outcome<Self> {
        Ok(Self(match item {
            Value::Str(_) | Value::Dict(_) => Stream::of_items(items_of(item, run)?),
            other => Stream::of(other, run)?,
        }))
    }

    fn next(&mut self, run: &Run<'_>) -> Outcome {
        self.0
            .next(run)?
            .ok_or_else(|| Fault::bad_value("`dict` needs a key and a value in each item"))
    }
}

fn to_dict(call: &Call<'_>) -> Outcome {
    let (run, key_selector) = (call.run(), call.lambda(1)?);
    let mut dict = Dict::default();
    for item in call.iterate(0)? {
        let item = item?;
        let name = key_selector.invoke(run, std::slice::from_ref(&item))?;
        let value = match call.lambda_or_none(2) {
            Some(selector) => selector.invoke(run, &[item])?,
            None => item,
        };
        insert(call, &mut dict, &name, value)?;
    }
    call.run().held(Value::Dict(dict))
}

fn get(call: &Call<'_>) -> Outcome {
    let sought = key(call.arg(1), call.budget())?;
    let found = call.dict(0)?.get_value(sought);
    Ok(found.unwrap_or(call.arg(2)).clone())
}

fn set_all(call: &Call<'_>) -> Outcome {
    let mut dict = copy(call)?;
    for (name, value) in call.dict(1)?.iter() {
        insert(call, &mut dict, name, value.clone())?;
    }
    call.run().held(Value::Dict(dict))
}

/// Those that are not there do not matter. The others keep their order.
fn delete(call: &Call<'_>, keys: Vec<Value>) -> Outcome {
    let mut gone = pyvalue::Set::default();
    for name in keys {
        call.budget().charge(SLOT)?;
        gone.insert(key(&name, call.budget())?.clone());
    }
    let dict = call.dict(0)?;
    call.budget().charge(dict.len() * SLOT)?;
    let mut kept = Dict::default();
    for (name, value) in dict.iter() {
        call.budget().step()?;
        if !gone.contains(key(name, call.budget())?) {
            kept.insert(name.clone(), value.clone());
        }
    }
    call.run().held(Value::Dict(kept))
}

fn keys(call: &Call<'_>) -> Outcome {
    set::collect(call, call.dict(0)?.keys())
}

fn items(call: &Call<'_>) -> Outcome {
    let dict = call.dict(0)?;
    call.budget().charge(dict.len() * 2 * SLOT)?;
    call.budget().walk(call.arg(0))?;
    let pairs = dict
        .iter()
        .map(|(name, value)| Value::tuple(vec![name.clone(), value.clone()]));
    call.run().held(Value::Set(pairs.collect()))
}

fn contains_value(call: &Call<'_>) -> Outcome {
    for value in call.dict(0)?.values() {
        call.budget().step()?;
        if equal(value, call.arg(1), call.budget())? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}
