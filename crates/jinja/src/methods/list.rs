//! Methods of `list` and `tuple`.

use std::sync::LazyLock;

use pyvalue::{Class, List, Value};

use super::arguments::{count, integer, position};
use super::{Table, changing, looking, table};
use crate::filters::sorting;
use crate::{Call, Error, Run};

pub(super) static METHODS: Table = LazyLock::new(|| {
    table([
        looking("copy", |c| Ok(c.arg(0).clone()), |f| f),
        looking("count", occurrences, |f| f.required("value, /")),
        looking("index", index, |f| {
            f.required("value, /")
                .optional("start, /", 0)
                .optional("stop, /", i64::MAX)
        }),
        changing("append", append, |f| f.required("object, /")),
        changing("clear", |place, c| change(place, c, Vec::clear), |f| f),
        changing("extend", extend, |f| f.required("iterable, /")),
        changing("insert", insert, |f| {
            f.required("index, /").required("object, /")
        }),
        changing("pop", pop, |f| f.optional("index, /", -1)),
        changing("remove", remove, |f| f.required("value, /")),
        changing(
            "reverse",
            |place, c| change(place, c, |items| items.reverse()),
            |f| f,
        ),
        changing("sort", sort, |f| {
            f.named("key", Value::None).named("reverse", false)
        }),
    ])
});

pub(super) static OF_TUPLES: Table = LazyLock::new(|| {
    table([
        looking("count", occurrences, |f| f.required("value, /")),
        looking("index", index, |f| {
            f.required("value, /")
                .optional("start, /", 0)
                .optional("stop, /", i64::MAX)
        }),
    ])
});

/// So many items are copied in one step.
const COPIED: u64 = 4096;
/// So many items are moved and looked through in one step.
const MOVED: u64 = 64;

/// Changes the items; the method returns `None`.
fn change(
    place: &mut Value,
    call: &Call<'_>,
    change: impl FnOnce(&mut Vec<Value>),
) -> Result<Value, Error> {
    if let Value::List(items) = place {
        call.budget().steps(items.len() as u64 / MOVED)?;
        items.update(change);
    }
    Ok(Value::None)
}

/// Memory for one more item, which must not nest too deep; and work, for a list that others hold is copied first.
fn room_for(item: &Value, place: &Value, call: &Call<'_>) -> Result<(), Error> {
    let length = place.as_items().map_or(0, <[Value]>::len);
    call.budget().steps(length as u64 / COPIED)?;
    Ok(call
        .budget()
        .charge_container(&Value::list(vec![item.clone()]))?)
}

fn append(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    room_for(call.arg(1), place, call)?;
    if let Value::List(items) = place {
        items.push(call.arg(1).clone());
    }
    Ok(Value::None)
}

fn extend(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    for item in call.items(1)? {
        let item = item?;
        room_for(&item, &Value::None, call)?;
        if let Value::List(items) = place {
            items.push(item);
        }
    }
    Ok(Value::None)
}

fn insert(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    let at = integer(call, 1)?;
    room_for(call.arg(2), place, call)?;
    change(place, call, |items| {
        items.insert(clamped(at, items.len()), call.arg(2).clone());
    })
}

/// A position counted from the end where it is negative, kept within the list.
fn clamped(at: i64, length: usize) -> usize {
    match usize::try_from(at) {
        Ok(at) => at.min(length),
        Err(_) => length.saturating_sub(usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX)),
    }
}

fn pop(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    let at = integer(call, 1)?;
    let Value::List(items) = place else {
        return Ok(Value::None);
    };
    if items.is_empty() {
        return Err(index_error("pop from empty list"));
    }
    let length = items.len();
    let back = i64::try_from(length).unwrap_or(i64::MAX);
    let found = usize::try_from(if at < 0 { at.saturating_add(back) } else { at })
        .ok()
        .filter(|at| *at < length)
        .ok_or_else(|| index_error("pop index out of range"))?;
    call.budget().steps(length as u64 / MOVED)?;
    Ok(items.update(|items| items.remove(found)))
}

fn remove(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    let found = find(
        place.as_items().unwrap_or_default(),
        call.arg(1),
        call.run(),
    )?
    .ok_or_else(|| value_error("list.remove(x): x not in list"))?;
    change(place, call, |items| {
        items.remove(found);
    })
}

fn sort(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    let run = call.run();
    let is_reverse = call.is_true(2)?;
    let items = place.as_items().unwrap_or_default();
    call.budget()
        .charge(items.len().saturating_mul(4 * size_of::<Value>()))?;
    let keyed = items
        .iter()
        .map(|item| match call.arg(1) {
            Value::None => Ok((item.clone(), item.clone())),
            key => Ok((
                run.call(key, std::slice::from_ref(item), &[])?,
                item.clone(),
            )),
        })
        .collect::<Result<Vec<(Value, Value)>, Error>>()?;
    let sorted = sorting::sort_keyed(keyed, is_reverse, run)?;
    *place = Value::List(List::from(sorted));
    Ok(Value::None)
}

fn occurrences(call: &Call<'_>) -> Result<Value, Error> {
    let mut found = 0;
    for item in call.arg(0).as_items().unwrap_or_default() {
        found += usize::from(is_it(item, call.arg(1), call.run())?);
    }
    Ok(count(found))
}

fn index(call: &Call<'_>) -> Result<Value, Error> {
    let items = call.arg(0).as_items().unwrap_or_default();
    let start = clamped(position(call, 2)?.unwrap_or(0), items.len());
    let stop = clamped(position(call, 3)?.unwrap_or(i64::MAX), items.len());
    let within = items.get(start..stop).unwrap_or_default();
    match find(within, call.arg(1), call.run())? {
        Some(at) => Ok(count(start + at)),
        None if matches!(call.arg(0), Value::Tuple(_)) => {
            Err(value_error("tuple.index(x): x not in tuple"))
        }
        None => Err(value_error(&format!(
            "{} is not in list",
            call.run().shown(call.arg(1))
        ))),
    }
}

fn find(items: &[Value], sought: &Value, run: &Run<'_>) -> Result<Option<usize>, Error> {
    for (at, item) in items.iter().enumerate() {
        if is_it(item, sought, run)? {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn is_it(item: &Value, sought: &Value, run: &Run<'_>) -> Result<bool, Error> {
    Ok(item.is_same(sought) || run.equal(item, sought)?)
}

fn index_error(message: &str) -> Error {
    pyvalue::Error::new(Class::Index, message).into()
}

fn value_error(message: &str) -> Error {
    pyvalue::Error::value_error(message).into()
}
