//! Filters that compare items: `sort`, `dictsort`, `min`, `max`, `unique`.

use std::cmp::Ordering;

use pyvalue::{Set, Value};

use super::path::{Path, lower};
use super::sequences::lazily;
use super::sorting::{sort, sort_keyed};
use crate::{Call, Error, Function, Run, is_undefined, methods};

pub(super) fn all() -> Vec<Function> {
    let comparing = |function: Function| {
        function
            .required("value")
            .optional("case_sensitive", false)
            .optional("attribute", Value::None)
    };
    vec![
        Function::new("dictsort", sort_members)
            .required("value")
            .optional("case_sensitive", false)
            .optional("by", "key")
            .optional("reverse", false),
        comparing(Function::new("max", |call| {
            extreme(call, Ordering::Greater)
        })),
        comparing(Function::new("min", |call| extreme(call, Ordering::Less))),
        Function::new("sort", sort_items)
            .required("value")
            .optional("reverse", false)
            .optional("case_sensitive", false)
            .optional("attribute", Value::None),
        comparing(Function::new("unique", |call| {
            lazily("sync_do_unique", || unique(call))
        })),
    ]
}

/// A flag that Python wants as a number.
fn flag(call: &Call<'_>, index: usize) -> Result<bool, Error> {
    Ok(methods::integer(call, index)? != 0)
}

fn sort_members(call: &Call<'_>) -> Result<Value, Error> {
    let by_value = match methods::text_of(call.arg(2)).map(|by| &**by) {
        Some("key") => false,
        Some("value") => true,
        _ => {
            call.run().check_usable(call.arg(2))?;
            return Err(Error::other("`dictsort` sorts by `key` or by `value`"));
        }
    };
    let is_case_sensitive = call.is_true(1)?;
    let Value::Dict(dict) = call.arg(0) else {
        call.run().check_defined(call.arg(0))?;
        return Err(Error::other(format!(
            "'{}' object has no attribute 'items'",
            call.arg(0).type_name()
        )));
    };
    call.budget()
        .charge(dict.len().saturating_mul(8 * size_of::<Value>()))?;
    let keyed = dict
        .iter()
        .map(|(key, value)| {
            let sorted_by = if by_value { value } else { key }.clone();
            let sorted_by = if is_case_sensitive {
                sorted_by
            } else {
                lower(sorted_by)
            };
            (sorted_by, Value::tuple(vec![key.clone(), value.clone()]))
        })
        .collect();
    Ok(Value::list(sort_keyed(keyed, flag(call, 3)?, call.run())?))
}

/// Several attributes make a list of keys, which Python compares item by item.
fn sort_items(call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let paths = Path::several(call.arg(3))?;
    let is_case_sensitive = call.is_true(2)?;
    let items = call.items(0)?;
    let mut keyed = Vec::new();
    for item in items {
        let item = item?;
        call.budget()
            .charge((paths.len() + 4) * size_of::<Value>())?;
        let keys = paths
            .iter()
            .map(|path| path.key(&item, is_case_sensitive, run))
            .collect::<Result<Vec<Value>, Error>>()?;
        keyed.push((keys, item));
    }
    let is_reverse = flag(call, 1)?;
    if is_reverse {
        keyed.reverse();
    }
    sort(&mut keyed, |one, other| is_less(&one.0, &other.0, run))?;
    if is_reverse {
        keyed.reverse();
    }
    Ok(Value::list(
        keyed.into_iter().map(|(_, item)| item).collect(),
    ))
}

/// The first keys that differ decide.
fn is_less(one: &[Value], other: &[Value], run: &Run<'_>) -> Result<bool, Error> {
    for (one, other) in one.iter().zip(other) {
        if !one.is_same(other) && !run.equal(one, other)? {
            return Ok(run.order(one, other)? == Some(Ordering::Less));
        }
    }
    Ok(false)
}

fn extreme(call: &Call<'_>, wanted: Ordering) -> Result<Value, Error> {
    let run = call.run();
    let mut items = call.items(0)?;
    let Some(first) = items.next() else {
        return Ok(run.undefined_because("no smallest or largest item, the sequence is empty"));
    };
    let path = Path::of(call.arg(2))?;
    let is_case_sensitive = call.is_true(1)?;
    let mut best = first?;
    let mut best_key = path.key(&best, is_case_sensitive, run)?;
    for item in items {
        let item = item?;
        let key = path.key(&item, is_case_sensitive, run)?;
        if run.order(&key, &best_key)? == Some(wanted) {
            (best, best_key) = (item, key);
        }
    }
    Ok(best)
}

fn unique(call: &Call<'_>) -> Result<Vec<Result<Value, Error>>, Error> {
    let run = call.run();
    let path = Path::of(call.arg(2))?;
    let is_case_sensitive = call.is_true(1)?;
    let mut seen = Set::default();
    let mut saw_undefined = false;
    let mut kept = Vec::new();
    for item in call.items(0)? {
        let outcome = item.and_then(|item| {
            let key = path.key(&item, is_case_sensitive, run)?;
            run.check_key(&key)?;
            let is_new = if is_undefined(&key) {
                !std::mem::replace(&mut saw_undefined, true)
            } else {
                call.budget().charge(4 * size_of::<Value>())?;
                seen.insert(methods::unmarked(&key))
            };
            Ok(is_new.then_some(item))
        });
        match outcome {
            Ok(item) => kept.extend(item.map(Ok)),
            Err(error) => {
                kept.push(Err(error));
                break;
            }
        }
    }
    Ok(kept)
}
