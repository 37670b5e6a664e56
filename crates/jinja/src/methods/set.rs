//! Methods of `set`.

use std::sync::LazyLock;

use pyvalue::{Class, Set, Value};

use super::{Table, changing, looking, table};
use crate::{Call, Error, Function, Run};

pub(super) static METHODS: Table = LazyLock::new(|| {
    let others = |f: Function| f.rest("others");
    let other = |f: Function| f.required("other, /");
    let element = |f: Function| f.required("element, /");
    table([
        looking("copy", |c| Ok(c.arg(0).clone()), |f| f),
        looking(
            "difference",
            |c| folded(&mut c.arg(0).clone(), c, subtract),
            others,
        ),
        looking(
            "intersection",
            |c| folded(&mut c.arg(0).clone(), c, intersect),
            others,
        ),
        looking("union", |c| folded(&mut c.arg(0).clone(), c, unite), others),
        looking(
            "symmetric_difference",
            |c| {
                let (one, other) = (receiver(c.arg(0)), set_of(c.arg(1), c.run())?);
                Ok(Value::Set(exclusive(&one, &other)))
            },
            other,
        ),
        looking(
            "isdisjoint",
            |c| {
                let (one, other) = (receiver(c.arg(0)), set_of(c.arg(1), c.run())?);
                Ok((!one.iter().any(|value| other.contains(value))).into())
            },
            other,
        ),
        looking(
            "issubset",
            |c| {
                let (one, other) = (receiver(c.arg(0)), set_of(c.arg(1), c.run())?);
                Ok(one.iter().all(|value| other.contains(value)).into())
            },
            other,
        ),
        looking(
            "issuperset",
            |c| {
                let (one, other) = (receiver(c.arg(0)), set_of(c.arg(1), c.run())?);
                Ok(other.iter().all(|value| one.contains(value)).into())
            },
            other,
        ),
        changing(
            "add",
            |place, c| {
                c.run().check_key(c.arg(1))?;
                c.budget()
                    .charge_container(&Value::list(vec![c.arg(1).clone()]))?;
                Ok(change(place, |set| {
                    set.insert(c.arg(1).clone());
                }))
            },
            element,
        ),
        changing(
            "clear",
            |place, _| Ok(change(place, |set| *set = Set::default())),
            |f| f,
        ),
        changing(
            "discard",
            |place, c| {
                c.run().check_key(c.arg(1))?;
                Ok(change(place, |set| {
                    set.remove(c.arg(1));
                }))
            },
            element,
        ),
        changing("remove", remove, element),
        changing("pop", pop, |f| f),
        changing("update", |place, c| change_all(place, c, unite), others),
        changing(
            "difference_update",
            |place, c| change_all(place, c, subtract),
            others,
        ),
        changing(
            "intersection_update",
            |place, c| change_all(place, c, intersect),
            others,
        ),
        changing(
            "symmetric_difference_update",
            |place, c| {
                let other = set_of(c.arg(1), c.run())?;
                Ok(change(place, |set| *set = exclusive(set, &other)))
            },
            other,
        ),
    ])
});

fn receiver(value: &Value) -> Set {
    match value {
        Value::Set(set) => set.clone(),
        _ => Set::default(),
    }
}

fn change(place: &mut Value, change: impl FnOnce(&mut Set)) -> Value {
    if let Value::Set(set) = place {
        change(set);
    }
    Value::None
}

/// What anything that can be iterated over holds, as a set.
fn set_of(value: &Value, run: &Run<'_>) -> Result<Set, Error> {
    let mut set = Set::default();
    for item in run.items(value)? {
        let item = item?;
        run.check_key(&item)?;
        run.budget().charge(4 * size_of::<Value>())?;
        set.insert(item);
    }
    Ok(set)
}

type Combine = fn(&Set, &Set) -> Set;

/// Combines the set in `place` with each of the others.
fn folded(place: &mut Value, call: &Call<'_>, combine: Combine) -> Result<Value, Error> {
    let mut set = receiver(place);
    for other in call.arg(1).as_items().unwrap_or_default() {
        let other = set_of(other, call.run())?;
        call.budget().steps(set.len() as u64)?;
        set = combine(&set, &other);
    }
    *place = Value::Set(set);
    Ok(place.clone())
}

fn change_all(place: &mut Value, call: &Call<'_>, combine: Combine) -> Result<Value, Error> {
    folded(place, call, combine).map(|_| Value::None)
}

fn unite(one: &Set, other: &Set) -> Set {
    one.iter().chain(other.iter()).cloned().collect()
}

fn subtract(one: &Set, other: &Set) -> Set {
    one.iter()
        .filter(|value| !other.contains(value))
        .cloned()
        .collect()
}

fn intersect(one: &Set, other: &Set) -> Set {
    one.iter()
        .filter(|value| other.contains(value))
        .cloned()
        .collect()
}

fn exclusive(one: &Set, other: &Set) -> Set {
    let only_one = one.iter().filter(|value| !other.contains(value));
    let only_other = other.iter().filter(|value| !one.contains(value));
    only_one.chain(only_other).cloned().collect()
}

fn remove(place: &mut Value, call: &Call<'_>) -> Result<Value, Error> {
    let element = call.arg(1);
    call.run().check_key(element)?;
    let was_there = match place {
        Value::Set(set) => set.remove(element),
        _ => false,
    };
    if was_there {
        Ok(Value::None)
    } else {
        Err(pyvalue::Error::new(Class::Key, call.run().shown(element)).into())
    }
}

fn pop(place: &mut Value, _call: &Call<'_>) -> Result<Value, Error> {
    let first = match place {
        Value::Set(set) => set.iter().next().cloned(),
        _ => None,
    };
    let Some(first) = first else {
        return Err(pyvalue::Error::new(Class::Key, "pop from an empty set").into());
    };
    change(place, |set| {
        set.remove(&first);
    });
    Ok(first)
}
