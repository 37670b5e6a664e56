//! Collections in parts, and from behind.

use pyvalue::{List, Value, text::resolve_slice};

use super::super::common::equal;
use super::super::values::position;
use super::{COLLECTION, PREDICATE};
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::Stream;
use crate::lambda::Lambda;

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::method(
        "slice",
        &[COLLECTION, Param::new("length", Type::Int)],
        slice,
    ),
    Function::method("splitWhere", &[COLLECTION, PREDICATE], split_where),
    Function::method("sliceWhere", &[COLLECTION, PREDICATE], slice_where),
    Function::method(
        "splitAt",
        &[COLLECTION, Param::new("index", Type::Int)],
        split_at,
    ),
    Function::method("reverse", &[COLLECTION], reverse),
];

/// Lists of so many items; the last one may be shorter.
fn slice(call: &Call<'_>) -> Outcome {
    let mut items = call.stream(0)?;
    let length = position(call, 1)?;
    let is_valid = length >= 0 && !matches!(call.arg(1), Value::Big(_));
    call.lazy(move |run: &Run<'_>| {
        if !is_valid {
            return Err(Fault::bad_value(
                "the length of a slice must be between 0 and 9223372036854775807",
            ));
        }
        let mut part = Vec::new();
        let mut left = length;
        while left > 0 {
            left -= 1;
            let Some(item) = items.next(run)? else {
                break;
            };
            run.budget().charge(size_of::<Value>())?;
            part.push(item);
        }
        if part.is_empty() {
            return Ok(None);
        }
        run.held(Value::tuple(part)).map(Some)
    })
}

/// A list that is collected when its first part is asked for.
struct Whole {
    stream: Option<Stream>,
    items: Vec<Value>,
    start: usize,
    end: usize,
}

impl Whole {
    fn of(call: &Call<'_>) -> Outcome<Self> {
        Ok(Self {
            stream: Some(call.stream(0)?),
            items: Vec::new(),
            start: 0,
            end: 0,
        })
    }

    fn collect(&mut self, run: &Run<'_>) -> Outcome<()> {
        if let Some(stream) = self.stream.take() {
            self.items = stream.collect(run)?;
        }
        Ok(())
    }

    /// What the predicate says of the item at the end.
    fn ask(&self, run: &Run<'_>, predicate: &Lambda) -> Outcome {
        run.budget().step()?;
        predicate.invoke(run, &self.items[self.end..=self.end])
    }

    fn part(&self, run: &Run<'_>) -> Outcome {
        let part = &self.items[self.start..self.end];
        run.budget().charge(size_of_val(part))?;
        run.held(Value::tuple(part.to_vec()))
    }

    /// What is left behind the last part.
    fn rest(&mut self, run: &Run<'_>) -> Outcome<Option<Value>> {
        let rest = (self.start < self.end).then(|| self.part(run)).transpose();
        self.start = self.end;
        rest
    }
}

/// Parts between the items that the predicate takes; those are left out.
fn split_where(call: &Call<'_>) -> Outcome {
    let mut whole = Whole::of(call)?;
    let predicate = call.lambda(1)?.clone();
    call.lazy(move |run: &Run<'_>| {
        whole.collect(run)?;
        while whole.end < whole.items.len() {
            let is_border = whole.ask(run, &predicate)?.is_true();
            let part = is_border.then(|| whole.part(run)).transpose()?;
            whole.end += 1;
            if part.is_some() {
                whole.start = whole.end;
                return Ok(part);
            }
        }
        whole.rest(run)
    })
}

/// Parts of neighbours for which the predicate says the same.
fn slice_where(call: &Call<'_>) -> Outcome {
    let mut whole = Whole::of(call)?;
    let predicate = call.lambda(1)?.clone();
    let mut before: Option<Value> = None;
    call.lazy(move |run: &Run<'_>| {
        whole.collect(run)?;
        while whole.end < whole.items.len() {
            let answer = whole.ask(run, &predicate)?;
            let is_border = match &before {
                Some(before) => !equal(before, &answer, run.budget())?,
                None => false,
            };
            before = Some(answer);
            let part = is_border.then(|| whole.part(run)).transpose()?;
            if part.is_some() {
                whole.start = whole.end;
            }
            whole.end += 1;
            if part.is_some() {
                return Ok(part);
            }
        }
        whole.rest(run)
    })
}

/// What is before a position, and what is from there on.
fn split_at(call: &Call<'_>) -> Outcome {
    let index = position(call, 1)?;
    let items = call.collect(0)?;
    let (middle, ..) = resolve_slice(items.len(), Some(index), None, None)?;
    call.budget()
        .charge((items.len() + 2) * size_of::<Value>())?;
    let (before, behind) = items.split_at(middle.min(items.len()));
    let halves = [before, behind].map(|half| Value::tuple(half.to_vec()));
    call.run().held(Value::list(halves.into()))
}

fn reverse(call: &Call<'_>) -> Outcome {
    let items = match call.arg(0) {
        Value::List(items) | Value::Tuple(items) => items.clone(),
        _ => List::from(call.collect(0)?),
    };
    let mut left = items.len();
    call.lazy(move |_: &Run<'_>| {
        if left == 0 {
            return Ok(None);
        }
        left -= 1;
        Ok(Some(items[left].clone()))
    })
}
