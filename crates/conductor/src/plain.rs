//! Values as a stored state has them: what JSON can say.
//!
//! Expressions make more than that: dictionaries with numbers as keys (`toDict($.id, $.name)`), tuples, sets, times.
//! Orquesta stores its state as JSON between any two steps: there `{1: "a"}` becomes `{"1": "a"}` and `(1, 2)` becomes
//! `[1, 2]`. What a task sees must not depend on whether the state was stored in between, so values are made plain where
//! they enter it and where they are handed out.

use pyvalue::{Dict, Value};

/// The value with text as keys, lists instead of tuples and sets, and times as text, however deep. What JSON has no form
/// for at all stays as it is.
pub(crate) fn plain(value: Value) -> Value {
    if is_plain(&value) {
        return value;
    }
    let list = |items: &mut dyn Iterator<Item = &Value>| items.cloned().map(plain).collect();
    match &value {
        Value::Dict(dict) => Value::Dict(rewritten(dict)),
        Value::List(items) | Value::Tuple(items) => list(&mut items.iter()),
        Value::Set(items) => list(&mut items.iter()),
        Value::DateTime(_) => match value.to_json() {
            Ok(serde_json::Value::String(text)) => Value::from(text),
            _ => value,
        },
        _ => value,
    }
}

/// The same of a dictionary.
pub(crate) fn plain_dict(dict: Dict) -> Dict {
    if is_plain_dict(&dict) {
        dict
    } else {
        rewritten(&dict)
    }
}

fn rewritten(dict: &Dict) -> Dict {
    let mut rewritten = Dict::with_capacity(dict.len());
    for (key, value) in dict.iter() {
        let key = key_text(key).map_or_else(|| key.clone(), Value::from);
        rewritten.insert(key, plain(value.clone()));
    }
    rewritten
}

/// A key that is no text, as Python's `json` writes it. Those that it refuses (tuples and the like) have none.
fn key_text(key: &Value) -> Option<String> {
    match key {
        Value::None => Some("null".to_owned()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Int(_) | Value::Big(_) | Value::Float(_) => Some(key.repr()),
        _ => None,
    }
}

fn is_plain(value: &Value) -> bool {
    match value {
        Value::Dict(dict) => is_plain_dict(dict),
        Value::List(items) => items.iter().all(is_plain),
        Value::Tuple(_) | Value::Set(_) | Value::DateTime(_) => false,
        _ => true,
    }
}

fn is_plain_dict(dict: &Dict) -> bool {
    dict.iter()
        .all(|(key, value)| key_text(key).is_none() && is_plain(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_json_writes_them() {
        let odd = Value::Dict(
            [
                (Value::Int(1), 1),
                (Value::Float(1.5), 2),
                (Value::None, 3),
                (Value::Bool(false), 4),
                (Value::from("a"), 5),
            ]
            .into_iter()
            .collect(),
        );
        let inner: Dict = [("in", odd.clone())].into_iter().collect();
        let nested: Value = [odd, Value::Dict(inner)].into_iter().collect();

        let json = plain(nested).to_json().unwrap();

        let expected = serde_json::json!({"1": 1, "1.5": 2, "null": 3, "false": 4, "a": 5});
        assert_eq!(json, serde_json::json!([expected, {"in": expected}]));
    }

    #[test]
    fn of_keys_that_become_the_same_the_last_wins() {
        let dict: Dict = [
            (Value::Int(1), Value::from("number")),
            (Value::from("1"), Value::from("text")),
        ]
        .into_iter()
        .collect();

        let json = Value::Dict(plain_dict(dict)).to_json().unwrap();

        assert_eq!(json, serde_json::json!({"1": "text"}));
    }
}
