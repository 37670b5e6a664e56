//! Python's generators and iterators: what they yield is yielded once.

use std::collections::VecDeque;

use diagnostic::{Diagnostic, Kind};
use parking_lot::Mutex;
use pyvalue::{Class, Object, Value};

use crate::Error;

/// What `map`, `select`, `batch` and their like give: items that can be taken once, and have no length.
///
/// They are computed at once, an error is kept until the consumer gets there: nobody sees the difference.
#[derive(Debug)]
pub(crate) struct Generator {
    name: &'static str,
    depth: u32,
    weight: u64,
    left: Mutex<Left>,
}

#[derive(Debug)]
struct Left {
    items: VecDeque<Value>,
    failure: Option<Diagnostic>,
}

impl Generator {
    /// Takes all of `items`, up to the first error. A limit reached is not put off.
    pub(crate) fn of(
        name: &'static str,
        items: impl Iterator<Item = Result<Value, Error>>,
    ) -> Result<Value, Error> {
        let mut left = Left {
            items: VecDeque::new(),
            failure: None,
        };
        for item in items {
            match item {
                Ok(item) => left.items.push_back(item),
                Err(error) if error.kind() == Kind::Limit => return Err(error),
                Err(error) => {
                    left.failure = Some(error.into());
                    break;
                }
            }
        }
        Ok(Value::object(Self {
            name,
            depth: 1 + left.items.iter().map(Value::depth).max().unwrap_or(0),
            weight: left
                .items
                .iter()
                .map(Value::weight)
                .fold(0, u64::saturating_add),
            left: Mutex::new(left),
        }))
    }

    /// The next item, as Python's `next`.
    pub(crate) fn next(&self) -> Option<Result<Value, Error>> {
        let mut left = self.left.lock();
        match left.items.pop_front() {
            Some(item) => Some(Ok(item)),
            None => left.failure.take().map(|failure| Err(failure.into())),
        }
    }
}

impl Object for Generator {
    fn type_name(&self) -> &'static str {
        "generator"
    }

    fn repr(&self) -> String {
        format!("<generator object {} at 0x7f0000000000>", self.name)
    }

    fn depth(&self) -> u32 {
        self.depth
    }

    fn weight(&self) -> u64 {
        self.weight
    }

    fn iterate(&self) -> Option<Result<Vec<Value>, pyvalue::Error>> {
        let mut left = self.left.lock();
        if let Some(failure) = left.failure.take() {
            let class = match failure.kind {
                Kind::Type => Class::Type,
                Kind::Undefined => Class::Undefined,
                Kind::Limit => Class::Limit,
                Kind::Parse | Kind::UnknownFunction | Kind::Other => Class::Value,
            };
            return Some(Err(pyvalue::Error::new(class, failure.message)));
        }
        Some(Ok(left.items.drain(..).collect()))
    }
}
