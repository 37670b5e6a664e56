//! `range`: numbers at equal distances, at most 100,000 of them.

use pyvalue::{Class, Object, Value};

use crate::{Call, Error, Function, methods};

/// Jinja2's sandbox makes no longer ones.
const LONGEST: i64 = 100_000;

/// Python's `range`.
#[derive(Debug, Clone, Copy)]
struct Range {
    start: i64,
    end: i64,
    step: i64,
    length: i64,
}

/// `range(stop)`, `range(start, stop, step)`.
pub(super) fn range(call: &Call<'_>) -> Result<Value, Error> {
    let arguments = call
        .arg(0)
        .as_items()
        .unwrap_or_default()
        .iter()
        .map(methods::as_index)
        .collect::<Result<Vec<i64>, Error>>()?;
    let (start, end, step) = match *arguments.as_slice() {
        [end] => (0, end, 1),
        [start, end] => (start, end, 1),
        [start, end, step] => (start, end, step),
        _ => {
            return Err(Error::type_error(format!(
                "`range` takes 1 to 3 arguments, not {}",
                arguments.len()
            )));
        }
    };
    if step == 0 {
        return Err(pyvalue::Error::value_error("range() arg 3 must not be zero").into());
    }
    let distance = if step > 0 {
        i128::from(end) - i128::from(start)
    } else {
        i128::from(start) - i128::from(end)
    };
    let each = i128::from(step.unsigned_abs());
    let length = ((distance + each - 1) / each).max(0);
    match i64::try_from(length) {
        Ok(length) if length <= LONGEST => Ok(Value::object(Range {
            start,
            end,
            step,
            length,
        })),
        _ => Err(pyvalue::Error::new(
            Class::Overflow,
            format!("the range is too long: it may have {LONGEST} numbers"),
        )
        .into()),
    }
}

/// `range[start:stop:step]`, which is a range again; none for any other value.
pub(crate) fn slice_range(
    value: &Value,
    [start, end, step]: [Option<i64>; 3],
) -> Result<Option<Value>, pyvalue::Error> {
    let Some(range) = value.as_object::<Range>() else {
        return Ok(None);
    };
    let length = usize::try_from(range.length).unwrap_or(0);
    let (_, count, stride) = pyvalue::text::resolve_slice(length, start, end, step)?;
    let place = |bound: Option<i64>, none: i64| match bound {
        None => none,
        Some(bound) => {
            let bound = if bound < 0 {
                bound.saturating_add(range.length)
            } else {
                bound
            };
            let (low, high) = if stride < 0 {
                (-1, range.length - 1)
            } else {
                (0, range.length)
            };
            bound.clamp(low, high)
        }
    };
    let (first, last) = if stride < 0 {
        (range.length - 1, -1)
    } else {
        (0, range.length)
    };
    Ok(Some(Value::object(Range {
        start: range.at(place(start, first)),
        end: range.at(place(end, last)),
        step: range.step.saturating_mul(stride),
        length: i64::try_from(count).unwrap_or(0),
    })))
}

impl Range {
    fn at(&self, place: i64) -> i64 {
        self.start.saturating_add(self.step.saturating_mul(place))
    }

    fn numbers(&self) -> impl Iterator<Item = i64> {
        let range = *self;
        (0..range.length).map(move |place| range.at(place))
    }

    fn place_of(&self, value: &Value) -> Option<i64> {
        let (one, other) = match value {
            Value::Int(number) => (*number, true),
            Value::Bool(truth) => (i64::from(*truth), true),
            Value::Float(number) => match pyvalue::number::whole(*number) {
                Some(Value::Int(number)) => (number, true),
                _ => (0, false),
            },
            _ => (0, false),
        };
        if !other {
            return None;
        }
        (0..self.length).find(|place| self.at(*place) == one)
    }
}

impl Object for Range {
    fn type_name(&self) -> &'static str {
        "range"
    }

    fn repr(&self) -> String {
        if self.step == 1 {
            format!("range({}, {})", self.start, self.end)
        } else {
            format!("range({}, {}, {})", self.start, self.end, self.step)
        }
    }

    fn is_true(&self) -> bool {
        self.length > 0
    }

    fn equals(&self, other: &Value) -> bool {
        other
            .as_object::<Self>()
            .is_some_and(|other| self.numbers().eq(other.numbers()))
    }

    fn attribute(&self, name: &str) -> Option<Value> {
        let range = *self;
        match name {
            "start" => Some(Value::Int(self.start)),
            "stop" => Some(Value::Int(self.end)),
            "step" => Some(Value::Int(self.step)),
            "__len__" => Some(Value::Int(self.length)),
            "__getitem__" => Some(Value::Bool(true)),
            "count" => {
                let body = move |call: &Call<'_>| {
                    Ok(Value::Int(i64::from(range.place_of(call.arg(0)).is_some())))
                };
                Some(Function::new("count", body).required("value, /").into())
            }
            "index" => {
                let body = move |call: &Call<'_>| {
                    range.place_of(call.arg(0)).map(Value::Int).ok_or_else(|| {
                        pyvalue::Error::value_error(format!(
                            "{} is not in range",
                            call.run().shown(call.arg(0))
                        ))
                        .into()
                    })
                };
                Some(Function::new("index", body).required("value, /").into())
            }
            _ => None,
        }
    }

    fn item(&self, key: &Value) -> Option<Value> {
        let place = match key {
            Value::Int(place) => *place,
            Value::Bool(truth) => i64::from(*truth),
            _ => return None,
        };
        let place = if place < 0 {
            place.checked_add(self.length)?
        } else {
            place
        };
        (0..self.length)
            .contains(&place)
            .then(|| Value::Int(self.at(place)))
    }

    fn iterate(&self) -> Option<Result<Vec<Value>, pyvalue::Error>> {
        Some(Ok(self.numbers().map(Value::Int).collect()))
    }
}
