//! Items in order.
//!
//! The sort is stable, asks `<` and `>` as the expression would, and computes no key before a comparison needs it: one
//! item alone is never compared, and a second key only where the first ones are the same.

use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

use parking_lot::Mutex;
use pyvalue::{List, Value};

use super::{COLLECTION, SELECTOR};
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::{Restart, Restartable, Stream};
use crate::lambda::Lambda;
use crate::scope::Scope;

const ORDERED: Param = Param::new("collection", Type::Ordered);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("orderBy", &[COLLECTION, SELECTOR], |call| {
        order_by(call, false)
    }),
    Function::method("orderByDescending", &[COLLECTION, SELECTOR], |call| {
        order_by(call, true)
    }),
    Function::method("thenBy", &[ORDERED, SELECTOR], |call| then_by(call, false)),
    Function::method("thenByDescending", &[ORDERED, SELECTOR], |call| {
        then_by(call, true)
    }),
];

/// A collection and the keys it is to be ordered by. Sorted when it is first walked over, and never again.
#[derive(Clone)]
struct Ordered {
    /// Shared with those of further keys: it may be an iterator, which is there but once.
    source: Arc<Mutex<Source>>,
    scope: Arc<Scope>,
    keys: Arc<[Key]>,
    sorted: Arc<OnceLock<List>>,
    depth: u32,
}

enum Source {
    Waiting(Stream),
    Collected(List),
}

#[derive(Clone)]
struct Key {
    selector: Lambda,
    is_descending: bool,
}

fn key(call: &Call<'_>, is_descending: bool) -> Outcome<Key> {
    Ok(Key {
        selector: call.lambda(1)?.clone(),
        is_descending,
    })
}

fn order_by(call: &Call<'_>, is_descending: bool) -> Outcome {
    call.restartable(Ordered {
        source: Arc::new(Mutex::new(Source::Waiting(call.stream(0)?))),
        scope: Arc::clone(call.scope()),
        keys: Arc::new([key(call, is_descending)?]),
        sorted: Arc::default(),
        depth: call.depth()?,
    })
}

/// The same items by one key more. The collection that it is asked of stays as it was: values never change.
fn then_by(call: &Call<'_>, is_descending: bool) -> Outcome {
    let Some(ordered) = Restartable::inside::<Ordered>(call.arg(0)) else {
        return Err(Fault::wrong_type(
            "only what `orderBy` gives has a next key",
        ));
    };
    call.budget()
        .charge((ordered.keys.len() + 1) * size_of::<Key>())?;
    let further = [key(call, is_descending)?];
    call.restartable(Ordered {
        source: Arc::clone(&ordered.source),
        scope: Arc::clone(&ordered.scope),
        keys: ordered.keys.iter().cloned().chain(further).collect(),
        sorted: Arc::default(),
        depth: call.depth()?,
    })
}

impl Source {
    fn collected(&mut self, run: &Run<'_>) -> Outcome<List> {
        if let Self::Waiting(stream) = self {
            let stream = std::mem::replace(stream, Stream::of_items(Vec::new()));
            *self = Self::Collected(stream.collect(run)?.into());
        }
        match self {
            Self::Collected(items) => Ok(items.clone()),
            Self::Waiting(_) => Ok(List::default()),
        }
    }
}

impl Ordered {
    fn sorted(&self, run: &Run<'_>) -> Outcome<List> {
        if let Some(sorted) = self.sorted.get() {
            return Ok(sorted.clone());
        }
        let items = self
            .source
            .try_lock()
            .ok_or_else(|| Fault::bad_value("a collection cannot be ordered by itself"))?
            .collected(run)?;
        let sort = Sort {
            run,
            scope: &self.scope,
            keys: &self.keys,
        };
        let sorted = List::from(sort.sorted(&items)?);
        Ok(self.sorted.get_or_init(|| sorted).clone())
    }
}

impl Restart for Ordered {
    fn type_name(&self) -> &'static str {
        "OrderingIterable"
    }

    /// The sort waits until the first item is asked for.
    fn start(&self, _run: &Run<'_>) -> Outcome<Stream> {
        let ordered = self.clone();
        let mut walk: Option<Stream> = None;
        Ok(Stream::made_by(move |run: &Run<'_>| {
            if walk.is_none() {
                walk = Some(Stream::of_list(ordered.sorted(run)?));
            }
            match &mut walk {
                Some(stream) => stream.next(run),
                None => Ok(None),
            }
        }))
    }

    fn depth(&self) -> u32 {
        self.depth
    }
}

/// An item and those of its keys that were needed so far.
struct Entry {
    item: Value,
    keys: Vec<Value>,
}

struct Sort<'s> {
    run: &'s Run<'s>,
    scope: &'s Arc<Scope>,
    keys: &'s [Key],
}

/// Up to so many items are sorted by insertion.
const CHUNK: usize = 64;

impl Sort<'_> {
    fn sorted(&self, items: &[Value]) -> Outcome<Vec<Value>> {
        let budget = self.run.budget();
        budget.charge(items.len() * size_of::<(Value, Entry, Entry)>())?;
        let mut chunks = Vec::new();
        let mut entries = items.iter().map(|item| Entry {
            item: item.clone(),
            keys: Vec::new(),
        });
        loop {
            let chunk: Vec<Entry> = entries.by_ref().take(CHUNK).collect();
            if chunk.is_empty() {
                break;
            }
            chunks.push(self.insertion(chunk)?);
        }
        while chunks.len() > 1 {
            let mut merged = Vec::with_capacity(chunks.len().div_ceil(2));
            let mut left = chunks.into_iter();
            while let Some(one) = left.next() {
                merged.push(match left.next() {
                    Some(other) => self.merge(one, other)?,
                    None => one,
                });
            }
            chunks = merged;
        }
        let sorted = chunks.pop().unwrap_or_default();
        Ok(sorted.into_iter().map(|entry| entry.item).collect())
    }

    /// The run that stands at the start first, then each further item by halving: in the steps that Python takes, so
    /// that orders without sense (of NaN) come out alike.
    fn insertion(&self, mut entries: Vec<Entry>) -> Outcome<Vec<Entry>> {
        let mut sorted = self.leading_run(&mut entries)?;
        while sorted < entries.len() {
            let mut entry = entries.remove(sorted);
            let (mut low, mut high) = (0, sorted);
            while low < high {
                let middle = usize::midpoint(low, high);
                if self.is_less(&mut entry, &mut entries[middle])? {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            entries.insert(low, entry);
            sorted += 1;
        }
        Ok(entries)
    }

    /// How many items at the start are in order; a run that falls strictly is turned around.
    fn leading_run(&self, entries: &mut [Entry]) -> Outcome<usize> {
        if entries.len() < 2 {
            return Ok(entries.len());
        }
        let falls = self.is_less_at(entries, 1)?;
        let mut end = 2;
        while end < entries.len() && self.is_less_at(entries, end)? == falls {
            end += 1;
        }
        if falls {
            entries[..end].reverse();
        }
        Ok(end)
    }

    /// Whether an entry is less than the one before.
    fn is_less_at(&self, entries: &mut [Entry], index: usize) -> Outcome<bool> {
        let (before, from) = entries.split_at_mut(index);
        self.is_less(&mut from[0], &mut before[index - 1])
    }

    /// The second goes first only where it is less.
    fn merge(&self, one: Vec<Entry>, other: Vec<Entry>) -> Outcome<Vec<Entry>> {
        let mut merged = Vec::with_capacity(one.len() + other.len());
        let (mut ones, mut others) = (one.into_iter(), other.into_iter());
        let (mut one, mut other) = (ones.next(), others.next());
        while let (Some(a), Some(b)) = (&mut one, &mut other) {
            if self.is_less(b, a)? {
                merged.extend(std::mem::replace(&mut other, others.next()));
            } else {
                merged.extend(std::mem::replace(&mut one, ones.next()));
            }
        }
        merged.extend(one.into_iter().chain(ones));
        merged.extend(other.into_iter().chain(others));
        Ok(merged)
    }

    fn is_less(&self, one: &mut Entry, other: &mut Entry) -> Outcome<bool> {
        for (index, key) in self.keys.iter().enumerate() {
            let (a, b) = (self.key(one, index)?, self.key(other, index)?);
            match self.order(a, b)? {
                Ordering::Equal => {}
                order => return Ok((order == Ordering::Less) != key.is_descending),
            }
        }
        Ok(false)
    }

    fn key<'e>(&self, entry: &'e mut Entry, index: usize) -> Outcome<&'e Value> {
        if entry.keys.len() <= index {
            self.run.budget().charge(size_of::<Value>())?;
            let selector = &self.keys[index].selector;
            let key = selector.invoke(self.run, std::slice::from_ref(&entry.item))?;
            entry.keys.push(key);
        }
        Ok(&entry.keys[index])
    }

    fn order(&self, a: &Value, b: &Value) -> Outcome<Ordering> {
        self.run.budget().step()?;
        let ask = |operator| {
            let answer = self
                .run
                .call_function(self.scope, operator, &[a.clone(), b.clone()])?;
            Outcome::Ok(answer.is_true())
        };
        if ask("#operator_<")? {
            return Ok(Ordering::Less);
        }
        Ok(if ask("#operator_>")? {
            Ordering::Greater
        } else {
            Ordering::Equal
        })
    }
}
