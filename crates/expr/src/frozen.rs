//! The two forms of data: YAQL sees tuples where everybody else sees lists.

use std::sync::{Arc, OnceLock};

use pyvalue::{Dict, List, Value};

use crate::functions::Naive;

/// A value, and what YAQL sees of it: made when first asked for, and shared by all clones.
#[derive(Clone, Default)]
pub(crate) struct Data {
    plain: Value,
    frozen: Arc<OnceLock<Value>>,
}

impl From<Value> for Data {
    fn from(plain: Value) -> Self {
        Self {
            plain,
            frozen: Arc::default(),
        }
    }
}

impl Data {
    /// As it came.
    pub(crate) fn plain(&self) -> &Value {
        &self.plain
    }

    /// As YAQL sees it.
    pub(crate) fn frozen(&self) -> &Value {
        self.frozen.get_or_init(|| yaql::freeze(&self.plain))
    }
}

/// With lists for YAQL's tuples at any depth, and with dates as the texts that JSON has for them.
pub(crate) fn thaw(value: Value) -> Value {
    thawed(&value).unwrap_or(value)
}

/// With texts for what Jinja marks as safe in HTML, at any depth: Python's mark is a text too.
pub(crate) fn unmark(value: Value) -> Value {
    unmarked(&value).unwrap_or(value)
}

/// The converted value, or nothing where it would be the same. Values are never nested deeper than a budget allows.
type Convert = fn(&Value) -> Option<Value>;

fn unmarked(value: &Value) -> Option<Value> {
    match value {
        Value::Tuple(items) => all(items, unmarked).map(Value::Tuple),
        Value::List(items) => all(items, unmarked).map(Value::List),
        Value::Dict(dict) => members(dict, unmarked).map(Value::Dict),
        Value::Object(object) if object.type_name() == "Markup" => {
            object.text().ok().map(Value::from)
        }
        _ => None,
    }
}

fn thawed(value: &Value) -> Option<Value> {
    match value {
        Value::Tuple(items) => Some(Value::List(
            all(items, thawed).unwrap_or_else(|| items.clone()),
        )),
        Value::List(items) => all(items, thawed).map(Value::List),
        Value::Dict(dict) => members(dict, thawed).map(Value::Dict),
        Value::Object(_) => value.as_object::<Naive>().map(|date| date.iso().into()),
        _ => None,
    }
}

fn all(items: &List, convert: Convert) -> Option<List> {
    let (at, first) = items
        .iter()
        .enumerate()
        .find_map(|(at, item)| Some((at, convert(item)?)))?;
    let mut converted = Vec::with_capacity(items.len());
    converted.extend_from_slice(&items[..at]);
    converted.push(first);
    for item in &items[at + 1..] {
        converted.push(convert(item).unwrap_or_else(|| item.clone()));
    }
    Some(converted.into())
}

fn members(dict: &Dict, convert: Convert) -> Option<Dict> {
    let mut changed = None;
    for (key, value) in dict.iter() {
        if let Some(value) = convert(value) {
            changed
                .get_or_insert_with(|| dict.clone())
                .insert(key.clone(), value);
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changes_is_copied() {
        let plain = Value::Dict([("a", Value::Int(1))].into_iter().collect());
        let nested = Value::list(vec![plain.clone(), Value::tuple(vec![Value::list(vec![])])]);

        let thawed = thaw(nested.clone());

        assert_eq!(thawed.repr(), "[{'a': 1}, [[]]]");
        assert!(thawed.as_items().unwrap()[0].is_same(&plain));
        assert_eq!(Data::from(nested).frozen().repr(), "({'a': 1}, ((),))");
        assert!(thaw(plain.clone()).is_same(&plain));
        assert!(unmark(plain.clone()).is_same(&plain));
    }
}
