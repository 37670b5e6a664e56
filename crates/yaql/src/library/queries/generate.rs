//! Collections out of nothing: ranges, sequences, and what a lambda produces.

use std::collections::VecDeque;

use num_traits::ToPrimitive as _;
use pyvalue::number::as_big;
use pyvalue::{BigInt, Error, Value, operator};

use super::super::values::Seen;
use super::SELECTOR;
use crate::evaluate::Run;
use crate::function::{Call, Fault, Function, Outcome, Param, Type};
use crate::generator::Stream;

const START: Param = Param::new("start", Type::Int);
const STOP: Param = Param::new("stop", Type::Int);
const STEP: Param = Param::new("step", Type::Int);
const INITIAL: Param = Param::any("initial");
const PRODUCER: Param = Param::lambda("producer");
const DECYCLE: Param = Param::new("decycle", Type::Bool).or_bool(false);

pub(crate) const FUNCTIONS: &[Function] = &[
    Function::function("range", &[STOP], |call| {
        range(call, BigInt::ZERO, big(call, 0), BigInt::from(1))
    }),
    Function::function("range", &[START, STOP, STEP.or_int(1)], |call| {
        range(call, big(call, 0), big(call, 1), big(call, 2))
    }),
    Function::function("sequence", &[START.or_int(0), STEP.or_int(1)], sequence),
    Function::method(
        "repeat",
        &[
            Param::any("value"),
            Param::new("times", Type::Int).or_int(-1),
        ],
        repeat,
    ),
    Function::function(
        "generate",
        &[
            INITIAL,
            Param::lambda("predicate"),
            PRODUCER,
            SELECTOR.or_null(),
            DECYCLE,
        ],
        generate,
    ),
    Function::function(
        "generateMany",
        &[
            INITIAL,
            PRODUCER,
            SELECTOR.or_null(),
            DECYCLE,
            Param::new("depthFirst", Type::Bool).or_bool(false),
        ],
        generate_many,
    ),
];

fn big(call: &Call<'_>, index: usize) -> BigInt {
    as_big(call.arg(index)).unwrap_or_default()
}

fn range(call: &Call<'_>, start: BigInt, stop: BigInt, by: BigInt) -> Outcome {
    if by == BigInt::ZERO {
        return Err(Error::value_error("the step of a range must not be zero").into());
    }
    if let (Some(start), Some(stop), Some(by)) = (start.to_i64(), stop.to_i64(), by.to_i64()) {
        let mut next = Some(start);
        return call.lazy(move |_: &Run<'_>| {
            let Some(number) = next.filter(|next| if by > 0 { *next < stop } else { *next > stop })
            else {
                return Ok(None);
            };
            next = number.checked_add(by);
            Ok(Some(Value::Int(number)))
        });
    }
    let mut next = start;
    call.lazy(move |run: &Run<'_>| {
        run.budget().steps(next.bits() / 64)?;
        let is_over = if by > BigInt::ZERO {
            next >= stop
        } else {
            next <= stop
        };
        if is_over {
            return Ok(None);
        }
        let following = &next + &by;
        Ok(Some(Value::from_big(std::mem::replace(
            &mut next, following,
        ))))
    })
}

fn sequence(call: &Call<'_>) -> Outcome {
    let mut next = operator::positive(call.arg(0))?;
    let step = call.arg(1).clone();
    call.lazy(move |run: &Run<'_>| {
        let following = operator::add(&next, &step, run.budget())?;
        Ok(Some(std::mem::replace(&mut next, following)))
    })
}

/// Without end where the number of times is negative.
fn repeat(call: &Call<'_>) -> Outcome {
    let value = call.arg(0).clone();
    let mut left = call.int(1)?;
    call.lazy(move |_: &Run<'_>| {
        if left == 0 {
            return Ok(None);
        }
        if left > 0 {
            left -= 1;
        }
        Ok(Some(value.clone()))
    })
}

/// From one item to the next, as long as the predicate takes them.
fn generate(call: &Call<'_>) -> Outcome {
    let mut next = call.arg(0).clone();
    let mut is_first = true;
    let (predicate, producer) = (call.lambda(1)?.clone(), call.lambda(2)?.clone());
    let selector = call.lambda_or_none(3).cloned();
    let mut seen = call.is_true(4).then(Seen::default);
    call.lazy(move |run: &Run<'_>| {
        if !std::mem::take(&mut is_first) {
            next = producer.invoke(run, std::slice::from_ref(&next))?;
        }
        if !predicate.test(run, std::slice::from_ref(&next))? {
            return Ok(None);
        }
        if let Some(seen) = &mut seen
            && !seen.add(&next, run.budget())?
        {
            return Ok(None);
        }
        match &selector {
            Some(selector) => selector.invoke(run, std::slice::from_ref(&next)).map(Some),
            None => Ok(Some(next.clone())),
        }
    })
}

/// From one item to those that the producer makes of it: breadth first, or depth first.
fn generate_many(call: &Call<'_>) -> Outcome {
    let mut queue = VecDeque::from([call.arg(0).clone()]);
    let producer = call.lambda(1)?.clone();
    let selector = call.lambda_or_none(2).cloned();
    let mut seen = call.is_true(3).then(Seen::default);
    let is_depth_first = call.is_true(4);
    let mut last: Option<Value> = None;
    call.lazy(move |run: &Run<'_>| {
        if let Some(item) = last.take() {
            let more = items_of(&producer.invoke(run, &[item])?, run)?;
            let count = more.len();
            queue.extend(more);
            if is_depth_first {
                queue.rotate_right(count);
            }
        }
        while let Some(item) = queue.pop_front() {
            run.budget().step()?;
            if let Some(seen) = &mut seen
                && !seen.add(&item, run.budget())?
            {
                continue;
            }
            last = Some(item.clone());
            return match &selector {
                Some(selector) => selector.invoke(run, &[item]).map(Some),
                None => Ok(Some(item)),
            };
        }
        Ok(None)
    })
}

/// Items of anything that Python iterates over: the characters of a text and the keys of a dictionary too.
pub(crate) fn items_of(value: &Value, run: &Run<'_>) -> Outcome<Vec<Value>> {
    let items: Vec<Value> = match value {
        Value::Str(text) => {
            run.budget().charge(text.len() * size_of::<Value>())?;
            text.chars()
                .map(|character| Value::from(character.to_string()))
                .collect()
        }
        Value::Dict(dict) => {
            run.budget().charge(dict.len() * size_of::<Value>())?;
            dict.keys().cloned().collect()
        }
        Value::None
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Big(_)
        | Value::Float(_)
        | Value::DateTime(_)
        | Value::TimeSpan(_) => {
            return Err(Fault::wrong_type(format!(
                "a value of type {} cannot be walked over",
                value.type_name()
            )));
        }
        other => Stream::of(other, run)?.collect(run)?,
    };
    Ok(items)
}
