//! Lazy collections: items are made when they are asked for.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use parking_lot::Mutex;
use pyvalue::{List, Object, Value};

use crate::evaluate::{CALL, Run};
use crate::function::{Fault, Outcome};

/// A state machine that makes items. Owns what it captured.
pub trait Generate: Send {
    /// The next item, or nothing when there are no more; it is not asked again after that.
    fn next(&mut self, run: &Run<'_>) -> Outcome<Option<Value>>;
}

/// A closure is a generator.
impl<F: FnMut(&Run<'_>) -> Outcome<Option<Value>> + Send> Generate for F {
    fn next(&mut self, run: &Run<'_>) -> Outcome<Option<Value>> {
        self(run)
    }
}

/// Bytes that a generator or a context takes, with the scope that it keeps, about.
pub(crate) const OBJECT: usize = 384;

/// A generator as a value: walked over once.
pub(crate) struct Generator {
    state: Mutex<Option<Box<dyn Generate>>>,
    depth: u32,
}

/// What is walked over from the start each time, though it is no list.
pub trait Restart: Any + Send + Sync {
    /// Python's name of its type.
    fn type_name(&self) -> &'static str;

    /// A walk from the start.
    fn start(&self, run: &Run<'_>) -> Outcome<Stream>;

    /// Whether it counts as an iterator all the same (`memorize`).
    fn is_iterator(&self) -> bool {
        false
    }

    /// Python's truth: false for an empty view.
    fn is_true(&self) -> bool {
        true
    }

    /// How deep values are nested in it.
    fn depth(&self) -> u32;
}

/// A [`Restart`] as a value.
pub(crate) struct Restartable(Box<dyn Restart>);

/// A walk over something iterable. Owns what it walks over.
pub struct Stream(Source);

enum Source {
    List(List, usize),
    Items(std::vec::IntoIter<Value>),
    Generator(Arc<dyn Object>),
    Own(Box<dyn Generate>),
}

/// A [`Stream`] as an iterator, for the time of a call.
pub struct Items<'r> {
    stream: Stream,
    run: &'r Run<'r>,
}

impl Generator {
    pub(crate) fn value(state: Box<dyn Generate>, depth: u32) -> Value {
        Value::object(Self {
            state: Mutex::new(Some(state)),
            depth,
        })
    }

    fn next(&self, run: &Run<'_>) -> Outcome<Option<Value>> {
        let Some(mut state) = self.state.try_lock() else {
            return Err(Fault::bad_value("generator already executing"));
        };
        let item = match state.as_mut() {
            Some(generate) => {
                let _inside = run.enter(CALL)?;
                generate.next(run)
            }
            None => return Ok(None),
        };
        if !matches!(item, Ok(Some(_))) {
            *state = None;
        }
        item
    }
}

impl Restartable {
    pub(crate) fn value(inner: impl Restart) -> Value {
        Value::object(Self(Box::new(inner)))
    }

    /// What is inside a value, if it is a `T`.
    pub(crate) fn inside<T: Restart>(value: &Value) -> Option<&T> {
        let inner: &dyn Any = &*value.as_object::<Self>()?.0;
        inner.downcast_ref()
    }
}

impl Stream {
    /// A walk over a value; a type error where it is not iterable.
    pub fn of(value: &Value, run: &Run<'_>) -> Outcome<Self> {
        let source = match value {
            Value::List(list) | Value::Tuple(list) => Source::List(list.clone(), 0),
            Value::Set(set) => {
                run.budget().charge(set.len() * size_of::<Value>())?;
                Source::Items(set.iter().cloned().collect::<Vec<_>>().into_iter())
            }
            Value::Bytes(bytes) => {
                run.budget().charge(bytes.len() * size_of::<Value>())?;
                let items: Vec<Value> = bytes
                    .iter()
                    .map(|byte| Value::Int(i64::from(*byte)))
                    .collect();
                Source::Items(items.into_iter())
            }
            Value::Object(object) if object.downcast::<Generator>().is_some() => {
                Source::Generator(Arc::clone(object))
            }
            Value::Object(object) if let Some(restartable) = object.downcast::<Restartable>() => {
                return restartable.0.start(run);
            }
            other => {
                return Err(Fault::wrong_type(format!(
                    "a value of type {} cannot be walked over",
                    other.type_name()
                )));
            }
        };
        Ok(Self(source))
    }

    /// A walk over items that are there.
    #[must_use]
    pub fn of_items(items: Vec<Value>) -> Self {
        Self(Source::Items(items.into_iter()))
    }

    /// A walk over a list.
    #[must_use]
    pub fn of_list(list: List) -> Self {
        Self(Source::List(list, 0))
    }

    /// A walk over what a state machine makes.
    #[must_use]
    pub fn made_by(state: impl Generate + 'static) -> Self {
        Self(Source::Own(Box::new(state)))
    }

    /// The next item. Takes a step of the budget.
    pub fn next(&mut self, run: &Run<'_>) -> Outcome<Option<Value>> {
        run.budget().step()?;
        match &mut self.0 {
            Source::List(list, index) => {
                let item = list.get(*index).cloned();
                *index += 1;
                Ok(item)
            }
            Source::Items(items) => Ok(items.next()),
            Source::Generator(object) => match object.downcast::<Generator>() {
                Some(generator) => generator.next(run),
                None => Ok(None),
            },
            Source::Own(state) => state.next(run),
        }
    }

    /// How many items are left, where that is known.
    #[must_use]
    pub fn known_length(&self) -> Option<usize> {
        match &self.0 {
            Source::List(list, index) => Some(list.len().saturating_sub(*index)),
            Source::Items(items) => Some(items.len()),
            Source::Generator(_) | Source::Own(_) => None,
        }
    }

    /// All that is left. Memory is charged as it grows.
    pub fn collect(mut self, run: &Run<'_>) -> Outcome<Vec<Value>> {
        let mut items = Vec::new();
        if let Some(length) = self.known_length() {
            run.budget()
                .charge(length.saturating_mul(size_of::<Value>()))?;
            items.reserve(length);
            while let Some(item) = self.next(run)? {
                items.push(item);
            }
            return Ok(items);
        }
        while let Some(item) = self.next(run)? {
            run.budget().charge(size_of::<Value>())?;
            items.push(item);
        }
        Ok(items)
    }
}

impl<'r> Items<'r> {
    pub(crate) fn new(stream: Stream, run: &'r Run<'r>) -> Self {
        Self { stream, run }
    }
}

impl Iterator for Items<'_> {
    type Item = Outcome;

    fn next(&mut self) -> Option<Outcome> {
        self.stream.next(self.run).transpose()
    }
}

/// Whether it can be walked over: neither texts nor dictionaries.
pub(crate) fn is_iterable(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Bytes(_) => true,
        Value::Object(object) => {
            object.downcast::<Generator>().is_some() || object.downcast::<Restartable>().is_some()
        }
        _ => false,
    }
}

/// Whether it is an iterator.
pub(crate) fn is_iterator(value: &Value) -> bool {
    match value {
        Value::Object(object) => {
            object.downcast::<Generator>().is_some()
                || object
                    .downcast::<Restartable>()
                    .is_some_and(|restartable| restartable.0.is_iterator())
        }
        _ => false,
    }
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generator")
    }
}

impl fmt::Debug for Restartable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.type_name())
    }
}

impl Object for Generator {
    fn type_name(&self) -> &'static str {
        "generator"
    }

    fn depth(&self) -> u32 {
        self.depth
    }
}

impl Object for Restartable {
    fn type_name(&self) -> &str {
        self.0.type_name()
    }

    fn is_true(&self) -> bool {
        self.0.is_true()
    }

    fn depth(&self) -> u32 {
        self.0.depth()
    }
}
