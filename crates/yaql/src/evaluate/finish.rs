//! The last step: what is lazy runs, so that the answer is plain data.

use pyvalue::{Dict, Set, Value};

use super::{CALL, Run};
use crate::function::{Fault, Outcome};
use crate::generator::{self, Stream};

/// The value with all generators in it run to lists. Everything else stays as it is.
pub(crate) fn finish(run: &Run<'_>, value: Value) -> Outcome {
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_)
            if is_final(run, &value)? =>
        {
            Ok(value)
        }
        Value::List(items) => run.held(Value::list(finish_all(run, items.into_vec())?)),
        Value::Tuple(items) => run.held(Value::tuple(finish_all(run, items.into_vec())?)),
        Value::Dict(dict) => finish_dict(run, &dict),
        Value::Set(set) => finish_set(run, &set),
        Value::Object(_) if generator::is_iterable(&value) => {
            let _inside = run.enter(CALL)?;
            let mut walk = Stream::of(&value, run)?;
            let mut items = Vec::new();
            while let Some(item) = walk.next(run)? {
                run.budget().charge(size_of::<Value>())?;
                items.push(finish(run, item)?);
            }
            run.held(Value::list(items))
        }
        plain => Ok(plain),
    }
}

fn finish_all(run: &Run<'_>, items: Vec<Value>) -> Outcome<Vec<Value>> {
    let _inside = run.enter(CALL)?;
    run.budget().charge(items.len() * size_of::<Value>())?;
    items.into_iter().map(|item| finish(run, item)).collect()
}

fn finish_dict(run: &Run<'_>, dict: &Dict) -> Outcome {
    let _inside = run.enter(CALL)?;
    let mut finished = Dict::with_capacity(dict.len());
    for (key, value) in dict.iter() {
        // The original makes the value first, and then a list of the key, which is no key.
        let value = finish(run, value.clone())?;
        if !is_scalar(key) {
            finish(run, key.clone())?;
            return Err(unhashable(key));
        }
        finished.insert(key.clone(), value);
    }
    let finished = Value::Dict(finished);
    run.budget().charge_container(&finished)?;
    Ok(finished)
}

/// A set of containers becomes a list: once final, they could not be members of a set.
fn finish_set(run: &Run<'_>, set: &Set) -> Outcome {
    run.held(Value::list(finish_all(run, set.iter().cloned().collect())?))
}

/// Whether there is nothing to run in it.
fn is_final(run: &Run<'_>, value: &Value) -> Outcome<bool> {
    run.budget().step()?;
    let mut all = true;
    match value {
        Value::List(items) | Value::Tuple(items) => {
            for item in items {
                all = all && is_final(run, item)?;
            }
        }
        Value::Dict(dict) => {
            for (key, value) in dict.iter() {
                all = all && is_scalar(key) && is_final(run, value)?;
            }
        }
        Value::Set(set) => all = set.iter().all(is_scalar),
        Value::Object(_) => all = !generator::is_iterable(value),
        _ => {}
    }
    Ok(all)
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Dict(_) | Value::Set(_) => false,
        Value::Object(_) => !generator::is_iterable(value),
        _ => true,
    }
}

fn unhashable(key: &Value) -> Fault {
    Fault::wrong_type(format!(
        "a dictionary in the answer has a key of type {}: use `str()` to make it a text",
        crate::dispatch::type_word(key)
    ))
}
