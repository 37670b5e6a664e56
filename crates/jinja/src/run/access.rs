//! `value.name` and `value[key]` as a template means them: the other one is tried too, and the sandbox looks on.

use diagnostic::Kind;
use pyvalue::{List, Value};

use super::Run;
use crate::objects::Markup;
use crate::{Error, Undefined, methods};

impl Run<'_> {
    /// `value.name`: an attribute, else an item; undefined where there is neither.
    pub fn attribute(&self, value: &Value, name: &str) -> Result<Value, Error> {
        if name.starts_with('_') && methods::is_private(value, name) {
            return Ok(self.refused(value, name));
        }
        if let Some(undefined) = Undefined::of(value) {
            return Err(self.undefined_error(undefined));
        }
        if let Some(found) = own_attribute(value, name) {
            return Ok(found);
        }
        let item = match value {
            Value::Dict(dict) => dict.get(name).cloned(),
            Value::Object(object) => object.item(&Value::from(name)),
            _ => None,
        };
        Ok(item.unwrap_or_else(|| self.undefined_member(value, name)))
    }

    /// `value[key]`: an item, else for a text key an attribute; undefined where there is neither.
    pub fn item(&self, value: &Value, key: &Value) -> Result<Value, Error> {
        if let Some(undefined) = Undefined::of(value) {
            return Err(self.undefined_error(undefined));
        }
        if let Some(found) = self.own_item(value, key)? {
            return Ok(found);
        }
        let Value::Str(name) = key else {
            return Ok(self.undefined_member(value, key.clone()));
        };
        if name.starts_with('_') && methods::is_private(value, name) {
            return Ok(self.refused(value, name));
        }
        Ok(own_attribute(value, name).unwrap_or_else(|| self.undefined_member(value, key.clone())))
    }

    fn own_item(&self, value: &Value, key: &Value) -> Result<Option<Value>, Error> {
        Ok(match value {
            Value::Dict(dict) => match self.check_key(key) {
                Ok(()) => dict.get_value(key).cloned(),
                Err(error) if error.kind() == Kind::Type => None,
                Err(error) => return Err(error),
            },
            Value::List(items) | Value::Tuple(items) => nth(items, key),
            Value::Str(text) => character(text, key),
            Value::Bytes(bytes) => {
                index(key, bytes.len()).map(|at| Value::Int(i64::from(bytes[at])))
            }
            Value::Object(object) => match Markup::of(value) {
                Some(text) => {
                    character(text, key).and_then(|found| Some(Markup::value(found.as_str()?)))
                }
                None => object.item(key),
            },
            _ => None,
        })
    }

    fn refused(&self, value: &Value, name: &str) -> Value {
        let is_strict = self.environment().is_strict();
        Value::object(Undefined::refused(value.clone(), name, is_strict))
    }
}

/// An attribute in Python's sense, methods included.
fn own_attribute(value: &Value, name: &str) -> Option<Value> {
    methods::attribute(value, name).or_else(|| match value {
        Value::Object(object) => object.attribute(name),
        _ => None,
    })
}

/// The place an index means, counted from the end where it is negative.
fn index(key: &Value, length: usize) -> Option<usize> {
    let at = match key {
        Value::Int(at) => *at,
        Value::Bool(at) => i64::from(*at),
        _ => return None,
    };
    let at = if at < 0 {
        at.checked_add(i64::try_from(length).ok()?)?
    } else {
        at
    };
    usize::try_from(at).ok().filter(|at| *at < length)
}

fn nth(items: &List, key: &Value) -> Option<Value> {
    index(key, items.len()).map(|at| items[at].clone())
}

fn character(text: &str, key: &Value) -> Option<Value> {
    let length = match key {
        Value::Int(at) if *at >= 0 => text.len(),
        _ => text.chars().count(),
    };
    let character = text.chars().nth(index(key, length)?)?;
    let mut buffer = [0; 4];
    Some(Value::from(&*character.encode_utf8(&mut buffer)))
}
