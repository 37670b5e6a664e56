//! Jinja's filters.

mod addresses;
mod finding;
mod grouping;
mod html;
mod links;
mod mapping;
mod marking;
mod numbers;
mod ordering;
mod path;
mod pretty;
mod sequences;
pub(crate) mod sorting;
mod texts;
mod words;
mod wrapping;

pub(crate) use grouping::Group;
pub(crate) use html::{escape, strip_tags, unescape};
pub(crate) use marking::escaped;
pub(crate) use texts::percent;

use pyvalue::{Dict, Value};

use crate::Function;
use crate::objects::Markup;

/// All of them. Parameter 0 is the filtered value.
pub(crate) fn all() -> Vec<Function> {
    [
        finding::all(),
        grouping::all(),
        mapping::all(),
        marking::all(),
        numbers::all(),
        ordering::all(),
        sequences::all(),
        texts::all(),
    ]
    .concat()
}

/// A value as JSON, and whatever else knows no objects of ours, takes it: marked texts as texts, groups as tuples.
pub(crate) fn plain(value: &Value) -> Value {
    match value {
        value if !holds_object(value) => value.clone(),
        Value::List(items) => Value::list(items.iter().map(plain).collect()),
        Value::Tuple(items) => Value::tuple(items.iter().map(plain).collect()),
        Value::Dict(dict) => {
            let members = dict.iter().map(|(key, value)| (plain(key), plain(value)));
            Value::Dict(members.collect::<Dict>())
        }
        Value::Object(object) => match (Markup::of(value), object.downcast::<Group>()) {
            (Some(text), _) => Value::Str(text.clone()),
            (None, Some(group)) => plain(&group.tuple()),
            (None, None) => value.clone(),
        },
        other => other.clone(),
    }
}

fn holds_object(value: &Value) -> bool {
    match value {
        Value::List(items) | Value::Tuple(items) => items.iter().any(holds_object),
        Value::Dict(dict) => dict
            .iter()
            .any(|(key, value)| holds_object(key) || holds_object(value)),
        Value::Object(_) => true,
        _ => false,
    }
}
