//! Iterators that can be walked over again, and what builds on them.

use std::sync::Arc;

use parking_lot::Mutex;
use pyvalue::Value;

use super::{COLLECTION, PREDICATE, SELECTOR};
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::{Restart, Stream};

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("memorize", &[COLLECTION], |call| memorized(call, 0)),
    Function::method(
        "defaultIfEmpty",
        &[COLLECTION, Param::new("default", Type::Iterable)],
        default_if_empty,
    ),
    Function::method(
        "join",
        &[
            Param::new("collection1", Type::Iterable),
            Param::new("collection2", Type::Iterable),
            PREDICATE,
            SELECTOR,
        ],
        join,
    ),
];

/// Items that were asked for, and where more come from. Walks share it.
struct Memory {
    source: Stream,
    items: Vec<Value>,
}

/// An iterator that starts again each time it is walked over.
struct Memorized {
    memory: Arc<Mutex<Memory>>,
    depth: u32,
}

impl Memory {
    fn item(&mut self, index: usize, run: &Run<'_>) -> Outcome<Option<Value>> {
        if let Some(item) = self.items.get(index) {
            return Ok(Some(item.clone()));
        }
        let item = self.source.next(run)?;
        if let Some(item) = &item {
            run.budget().charge(size_of::<Value>())?;
            self.items.push(item.clone());
        }
        Ok(item)
    }
}

impl Restart for Memorized {
    fn type_name(&self) -> &'static str {
        "RememberingIterator"
    }

    fn start(&self, _run: &Run<'_>) -> Outcome<Stream> {
        let memory = Arc::clone(&self.memory);
        let mut index = 0;
        Ok(Stream::made_by(move |run: &Run<'_>| {
            let mut memory = memory
                .try_lock()
                .ok_or_else(|| Fault::bad_value("an iterator cannot be made of its own items"))?;
            let item = memory.item(index, run)?;
            index += 1;
            Ok(item)
        }))
    }

    fn is_iterator(&self) -> bool {
        true
    }

    fn depth(&self) -> u32 {
        self.depth
    }
}

/// The same where it can be walked over again anyway.
fn memorized(call: &Call<'_>, index: usize) -> Outcome {
    if is_held(call.arg(index)) {
        return Ok(call.arg(index).clone());
    }
    call.restartable(Memorized {
        memory: Arc::new(Mutex::new(Memory {
            source: call.stream(index)?,
            items: Vec::new(),
        })),
        depth: call.depth()?,
    })
}

/// Whether all its items are in memory: a list or a set.
fn is_held(value: &Value) -> bool {
    matches!(
        value,
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Bytes(_)
    )
}

fn default_if_empty(call: &Call<'_>) -> Outcome {
    let collection = memorized(call, 0)?;
    let first = Stream::of(&collection, call.run())?.next(call.run())?;
    Ok(match first {
        Some(_) => collection,
        None => call.arg(1).clone(),
    })
}

/// Each item of the one with each of the other, where the predicate takes both.
fn join(call: &Call<'_>) -> Outcome {
    let mut left = call.stream(0)?;
    let right = memorized(call, 1)?;
    let (predicate, selector) = (call.lambda(2)?.clone(), call.lambda(3)?.clone());
    let mut current: Option<(Value, Stream)> = None;
    call.lazy(move |run: &Run<'_>| {
        loop {
            let Some((one, others)) = &mut current else {
                let Some(one) = left.next(run)? else {
                    return Ok(None);
                };
                current = Some((one, Stream::of(&right, run)?));
                continue;
            };
            let Some(other) = others.next(run)? else {
                current = None;
                continue;
            };
            let pair = [one.clone(), other];
            if predicate.test(run, &pair)? {
                return selector.invoke(run, &pair).map(Some);
            }
        }
    })
}
