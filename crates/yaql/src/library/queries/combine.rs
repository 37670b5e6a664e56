//! Collections beside and behind each other.

use pyvalue::Value;

use super::COLLECTION;
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::Stream;

const COLLECTIONS: Param = Param::rest("collections", Type::Iterable);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::both(
        "append",
        &[COLLECTION, Param::rest("args", Type::Any)],
        append,
    ),
    Function::both("concat", &[COLLECTIONS], concat),
    Function::method("cycle", &[COLLECTION], cycle),
    Function::both(
        "enumerate",
        &[
            COLLECTION,
            Param::new("start", Type::Int).nullable().or_int(0),
        ],
        enumerate,
    ),
    Function::method("zip", &[COLLECTIONS], zip),
    Function::method(
        "zipLongest",
        &[COLLECTIONS, Param::named_rest("kwargs")],
        zip_longest,
    ),
];

fn append(call: &Call<'_>) -> Outcome {
    let mut streams = vec![call.stream(0)?];
    streams.push(Stream::of_items(call.rest().cloned().collect()));
    chain(call, streams)
}

fn concat(call: &Call<'_>) -> Outcome {
    chain(call, streams(call)?)
}

fn streams(call: &Call<'_>) -> Outcome<Vec<Stream>> {
    call.rest()
        .map(|collection| Stream::of(collection, call.run()))
        .collect()
}

/// One after the other.
fn chain(call: &Call<'_>, streams: Vec<Stream>) -> Outcome {
    let mut streams = streams.into_iter();
    let mut current = streams.next();
    call.lazy(move |run: &Run<'_>| {
        while let Some(stream) = &mut current {
            if let Some(item) = stream.next(run)? {
                return Ok(Some(item));
            }
            current = streams.next();
        }
        Ok(None)
    })
}

/// Remembers the items of the first round.
fn cycle(call: &Call<'_>) -> Outcome {
    let mut items = Some(call.stream(0)?);
    let mut saved: Vec<Value> = Vec::new();
    let mut at = 0;
    call.lazy(move |run: &Run<'_>| {
        if let Some(stream) = &mut items {
            if let Some(item) = stream.next(run)? {
                run.budget().charge(size_of::<Value>())?;
                saved.push(item.clone());
                return Ok(Some(item));
            }
            items = None;
        }
        run.budget().step()?;
        let item = saved.get(at).cloned();
        at = (at + 1) % saved.len().max(1);
        Ok(item)
    })
}

/// Pairs of number and item.
fn enumerate(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let mut number = match call.arg(1) {
        Value::Bool(truth) => Value::Int(i64::from(*truth)),
        start => start.clone(),
    };
    call.lazy(move |run: &Run<'_>| {
        if number.is_none() {
            return Err(Fault::wrong_type("`enumerate` cannot start at null"));
        }
        let Some(item) = items.next(run)? else {
            return Ok(None);
        };
        let next = pyvalue::operator::add(&number, &Value::Int(1), run.budget())?;
        let pair = vec![std::mem::replace(&mut number, next), item];
        run.checked(Value::list(pair)).map(Some)
    })
}

/// Ends with the shortest.
fn zip(call: &Call<'_>) -> Outcome {
    let mut streams = streams(call)?;
    call.lazy(move |run: &Run<'_>| {
        if streams.is_empty() {
            return Ok(None);
        }
        let mut items = Vec::with_capacity(streams.len());
        for stream in &mut streams {
            match stream.next(run)? {
                Some(item) => items.push(item),
                None => return Ok(None),
            }
        }
        run.checked(Value::tuple(items)).map(Some)
    })
}

/// Ends with the longest; the argument `default` fills up, and other named ones are ignored.
fn zip_longest(call: &Call<'_>) -> Outcome {
    let fill = call
        .named_rest()
        .iter()
        .find(|(name, _)| **name == *"default")
        .map(|(_, value)| value.clone())
        .unwrap_or_default();
    let mut streams: Vec<Option<Stream>> = streams(call)?.into_iter().map(Some).collect();
    call.lazy(move |run: &Run<'_>| {
        let mut items = Vec::with_capacity(streams.len());
        for slot in &mut streams {
            let item = match slot {
                Some(stream) => stream.next(run)?,
                None => None,
            };
            if item.is_none() {
                *slot = None;
            }
            items.push(item.unwrap_or_else(|| fill.clone()));
        }
        if streams.iter().all(Option::is_none) {
            return Ok(None);
        }
        run.checked(Value::tuple(items)).map(Some)
    })
}
