//! Items put in, taken out and replaced by their position.
//!
//! All of it is lazy, but for an item put into a list: that is a list at once, and counts a negative position from the
//! end.

use pyvalue::{Value, text::resolve_slice};

use super::super::values::position;
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::Stream;

const COLLECTION: Param = Param::new("collection", Type::Iterable);
const POSITION: Param = Param::new("position", Type::Int);
const VALUE: Param = Param::any("value");
const VALUES: Param = Param::new("values", Type::Iterable);
const COUNT: Param = Param::new("count", Type::Int).or_int(1);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method("delete", &[COLLECTION, POSITION, COUNT], delete),
    Function::method("replace", &[COLLECTION, POSITION, VALUE, COUNT], replace),
    Function::method(
        "replaceMany",
        &[COLLECTION, POSITION, VALUES, COUNT],
        replace_many,
    ),
    Function::method("insert", &[COLLECTION, POSITION, VALUE], insert),
    Function::method(
        "insert",
        &[Param::new("collection", Type::Sequence), POSITION, VALUE],
        insert_into_list,
    ),
    Function::method("insertMany", &[COLLECTION, POSITION, VALUES], insert_many),
];

/// Positions that are meant: so many from one on, or all from there where the number is negative.
struct Span {
    start: i64,
    count: i64,
}

impl Span {
    fn of(call: &Call<'_>, start: usize, count: usize) -> Outcome<Self> {
        Ok(Self {
            start: position(call, start)?,
            count: position(call, count)?,
        })
    }

    fn has(&self, index: i64) -> bool {
        self.start <= index && (self.count < 0 || index < self.start.saturating_add(self.count))
    }
}

fn delete(call: &Call<'_>) -> Outcome {
    substitute(call, Span::of(call, 1, 2)?, Stream::of_items(Vec::new()))
}

fn replace(call: &Call<'_>) -> Outcome {
    let value = Stream::of_items(vec![call.arg(2).clone()]);
    substitute(call, Span::of(call, 1, 3)?, value)
}

fn replace_many(call: &Call<'_>) -> Outcome {
    substitute(call, Span::of(call, 1, 3)?, call.stream(2)?)
}

/// The values come where the first item of the span was; where it has none, nowhere.
fn substitute(call: &Call<'_>, span: Span, values: Stream) -> Outcome {
    let mut items = call.stream(0)?;
    let mut index = -1;
    let mut values = Some(values);
    let mut is_open = false;
    call.lazy(move |run: &Run<'_>| {
        loop {
            if is_open && let Some(stream) = &mut values {
                if let Some(value) = stream.next(run)? {
                    return Ok(Some(value));
                }
                values = None;
            }
            let Some(item) = items.next(run)? else {
                return Ok(None);
            };
            index += 1;
            if !span.has(index) {
                return Ok(Some(item));
            }
            is_open = true;
        }
    })
}

fn insert(call: &Call<'_>) -> Outcome {
    if Type::Set.takes(call.arg(0)) {
        return Err(Fault::wrong_type(
            "a set has no positions to insert at: use `toList()` first",
        ));
    }
    let value = Stream::of_items(vec![call.arg(2).clone()]);
    put_in(call, value, position(call, 1)?, false)
}

fn insert_many(call: &Call<'_>) -> Outcome {
    put_in(call, call.stream(2)?, position(call, 1)?, true)
}

/// Before the item at that position; at the end where that is further on. Before the first item the values come only
/// if `before_all` says so.
fn put_in(call: &Call<'_>, mut values: Stream, position: i64, before_all: bool) -> Outcome {
    let mut items = call.stream(0)?;
    let mut index = -1;
    let mut waiting: Option<Value> = None;
    let mut is_open = before_all && position < 0;
    let mut is_over = false;
    call.lazy(move |run: &Run<'_>| {
        loop {
            if is_open {
                if let Some(value) = values.next(run)? {
                    return Ok(Some(value));
                }
                is_open = false;
            }
            if let Some(item) = waiting.take() {
                return Ok(Some(item));
            }
            if is_over {
                return Ok(None);
            }
            if let Some(item) = items.next(run)? {
                index += 1;
                is_open = index == position;
                waiting = Some(item);
            } else {
                is_over = true;
                is_open = position > index;
            }
        }
    })
}

fn insert_into_list(call: &Call<'_>) -> Outcome {
    let at = call.int(1)?;
    let mut items = call.collect(0)?;
    let (at, ..) = resolve_slice(items.len(), Some(at), None, None)?;
    call.budget()
        .charge((items.len() + 1) * size_of::<Value>())?;
    items.insert(at.min(items.len()), call.arg(2).clone());
    call.run().held(Value::list(items))
}
