//! Iterating over whatever Python iterates over.

use std::sync::Arc;

use pyvalue::{List, Value};

use super::Run;
use crate::Error;
use crate::objects::{Generator, Markup};

/// Items of a value, one step of the budget each.
pub struct Items<'r> {
    run: &'r Run<'r>,
    source: Source,
    /// How many there are, where Python's `len` can tell.
    length: Option<usize>,
}

enum Source {
    List(List, usize),
    Text(Arc<str>, usize),
    Taken(std::vec::IntoIter<Value>),
    Generator(Arc<dyn pyvalue::Object>),
}

impl<'r> Run<'r> {
    /// What a value yields when iterated over: items of lists, keys of dictionaries, characters of texts.
    pub fn items<'a>(&'a self, value: &Value) -> Result<Items<'a>, Error>
    where
        'r: 'a,
    {
        let source = match value {
            Value::List(items) | Value::Tuple(items) => Source::List(items.clone(), 0),
            Value::Str(text) => Source::Text(Arc::clone(text), 0),
            Value::Dict(dict) => self.taken(dict.len(), || dict.keys().cloned().collect())?,
            Value::Set(set) => self.taken(set.len(), || set.iter().cloned().collect())?,
            Value::Bytes(bytes) => self.taken(bytes.len(), || {
                bytes
                    .iter()
                    .map(|byte| Value::Int((*byte).into()))
                    .collect()
            })?,
            Value::Object(object) => {
                self.check_usable(value)?;
                if let Some(text) = Markup::of(value) {
                    Source::Text(Arc::clone(text), 0)
                } else if object.downcast::<Generator>().is_some() {
                    Source::Generator(Arc::clone(object))
                } else {
                    match object.iterate() {
                        Some(items) => Source::Taken(items?.into_iter()),
                        None => return Err(self.not_iterable(value)),
                    }
                }
            }
            other => return Err(self.not_iterable(other)),
        };
        Ok(Items {
            run: self,
            length: self.length(value).ok(),
            source,
        })
    }

    /// Python's `len`.
    pub fn length(&self, value: &Value) -> Result<usize, Error> {
        match value {
            Value::List(items) | Value::Tuple(items) => Ok(items.len()),
            Value::Str(text) => Ok(text.chars().count()),
            Value::Dict(dict) => Ok(dict.len()),
            Value::Set(set) => Ok(set.len()),
            Value::Bytes(bytes) => Ok(bytes.len()),
            Value::Object(object) => {
                self.check_usable(value)?;
                if let Some(text) = Markup::of(value) {
                    return Ok(text.chars().count());
                }
                if crate::is_undefined(value) {
                    return Ok(0);
                }
                match object.attribute("__len__") {
                    Some(Value::Int(length)) => Ok(usize::try_from(length).unwrap_or(0)),
                    _ => Err(no_length(value)),
                }
            }
            other => Err(no_length(other)),
        }
    }

    fn taken(&self, count: usize, items: impl FnOnce() -> Vec<Value>) -> Result<Source, Error> {
        self.budget()
            .charge(count.saturating_mul(size_of::<Value>()))?;
        Ok(Source::Taken(items().into_iter()))
    }

    fn not_iterable(&self, value: &Value) -> Error {
        self.wrong_type(value, || {
            format!("'{}' object is not iterable", value.type_name())
        })
    }
}

fn no_length(value: &Value) -> Error {
    Error::type_error(format!(
        "object of type '{}' has no len()",
        value.type_name()
    ))
}

impl Items<'_> {
    /// How many items there are in all, where the value knows (a generator does not).
    #[must_use]
    pub fn length(&self) -> Option<usize> {
        self.length
    }
}

impl Iterator for Items<'_> {
    type Item = Result<Value, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let item = match &mut self.source {
            Source::List(items, at) => {
                let item = items.get(*at)?.clone();
                *at += 1;
                Ok(item)
            }
            Source::Text(text, at) => {
                let character = text.get(*at..)?.chars().next()?;
                *at += character.len_utf8();
                let mut buffer = [0; 4];
                Ok(Value::from(&*character.encode_utf8(&mut buffer)))
            }
            Source::Taken(items) => Ok(items.next()?),
            Source::Generator(object) => object.downcast::<Generator>()?.next()?,
        };
        Some(match self.run.budget().step() {
            Ok(()) => item,
            Err(error) => Err(error.into()),
        })
    }
}
