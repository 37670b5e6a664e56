//! Methods of `dict`.

use std::sync::LazyLock;

use pyvalue::{Class, Dict, Value};

use super::views::{View, ViewKind};
use super::{Table, changing, looking, table};
use crate::{Call, Error, Function, Run};

pub(super) static METHODS: Table = LazyLock::new(|| {
    let keyed = |f: Function| f.required("key, /").optional("default, /", Value::None);
    table([
        looking("copy", |c| Ok(c.arg(0).clone()), |f| f),
        looking(
            "fromkeys",
            |c| from_keys(c.arg(1), c.arg(2), c.run()),
            |f| f.required("iterable, /").optional("value, /", Value::None),
        ),
        looking("get", get, keyed),
        looking("items", |c| Ok(view(c, ViewKind::Items)), |f| f),
        looking("keys", |c| Ok(view(c, ViewKind::Keys)), |f| f),
        looking("values", |c| Ok(view(c, ViewKind::Values)), |f| f),
        changing(
            "clear",
            |place, _| {
                *place = Value::Dict(Dict::default());
                Ok(Value::None)
            },
            |f| f,
        ),
        changing("pop", pop, |f| f.required("key, /").rest("default")),
        changing("popitem", pop_item, |f| f),
        changing("setdefault", set_default, keyed),
        changing("update", update, |f| {
            f.optional("mapping, /", Value::None).keywords("kwargs")
        }),
    ])
});

fn view(call: &Call<'_>, kind: ViewKind) -> Value {
    match call.arg(0) {
        Value::Dict(dict) => View::value(dict.clone(), kind),
        _ => Value::None,
    }
}

fn get(call: &Call<'_>) -> Result<Value, Error> {
    call.run().check_key(call.arg(1))?;
    let found = call
        .arg(0)
        .as_dict()
        .and_then(|dict| dict.get_value(call.arg(1)));
    Ok(found.unwrap_or(call.arg(2)).clone())
}

fn pop(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    let key = call.arg(1);
    let default = call.arg(2).as_items().unwrap_or_default();
    if default.len() > 1 {
        return Err(Error::type_error(format!(
            "pop expected at most 2 arguments, got {}",
            default.len() + 1
        )));
    }
    call.run().check_key(key)?;
    let removed = match place {
        Value::Dict(dict) => {
            call.budget().steps(dict.len() as u64 / MOVED)?;
            dict.remove(key)
        }
        _ => None,
    };
    removed
        .or_else(|| default.first().cloned())
        .ok_or_else(|| key_error(&call.run().shown(key)))
}

/// So many members are moved in one step.
const MOVED: u64 = 64;

fn pop_item(place: &mut Value, _call: &Call<'_>) -> Result<Value, Error> {
    let last = match place {
        Value::Dict(dict) => dict.pop(),
        _ => None,
    };
    match last {
        Some((key, value)) => Ok(Value::tuple(vec![key, value])),
        None => Err(key_error("popitem(): dictionary is empty")),
    }
}

fn set_default(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    let (key, value) = (call.arg(1), call.arg(2));
    call.run().check_key(key)?;
    let Value::Dict(dict) = place else {
        return Ok(Value::None);
    };
    if let Some(found) = dict.get_value(key) {
        return Ok(found.clone());
    }
    insert(dict, key, value, call.run())?;
    Ok(value.clone())
}

fn update(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    if let Value::Dict(dict) = place {
        // `update(none)` fails in Python, `update()` does not; both look alike here.
        if !call.arg(1).is_none() {
            merge(dict, call.arg(1), call.run())?;
        }
        merge(dict, call.arg(2), call.run())?;
    }
    Ok(Value::None)
}

/// Puts the members of a dictionary, or the pairs of anything else, into a dictionary, as `dict(source)` does.
pub(crate) fn merge(dict: &mut Dict, source: &Value, run: &Run<'_>) -> Result<(), Error> {
    run.check_defined(source)?;
    if let Value::Dict(members) = source {
        for (key, value) in members.iter() {
            insert(dict, key, value, run)?;
        }
        return Ok(());
    }
    for (at, pair) in run.items(source)?.enumerate() {
        let pair = pair?;
        run.check_usable(&pair)?;
        let items = run
            .items(&pair)
            .map_err(|_| {
                Error::type_error(format!(
                    "cannot convert dictionary update sequence element #{at} to a sequence"
                ))
            })?
            .collect::<Result<Vec<Value>, Error>>()?;
        let [key, value] = items.as_slice() else {
            return Err(pyvalue::Error::value_error(format!(
                "dictionary update sequence element #{at} has length {}; 2 is required",
                items.len()
            ))
            .into());
        };
        run.check_key(key)?;
        insert(dict, key, value, run)?;
    }
    Ok(())
}

/// Sets a member; the memory for it is asked for, and that it is not nested too deep.
pub(crate) fn insert(
    dict: &mut Dict,
    key: &Value,
    value: &Value,
    run: &Run<'_>,
) -> Result<(), Error> {
    run.budget().step()?;
    run.budget()
        .charge_container(&Value::list(vec![key.clone(), value.clone(), Value::None]))?;
    dict.insert(key.clone(), value.clone());
    Ok(())
}

/// `dict.fromkeys`: a dictionary whose keys all have one value.
pub(crate) fn from_keys(keys: &Value, value: &Value, run: &Run<'_>) -> Result<Value, Error> {
    let mut dict = Dict::default();
    for key in run.items(keys)? {
        let key = key?;
        run.check_key(&key)?;
        insert(&mut dict, &key, value, run)?;
    }
    Ok(dict.into())
}

fn key_error(message: &str) -> Error {
    pyvalue::Error::new(Class::Key, message).into()
}
