//! Data as the language sees it: lists that never change are tuples.

use pyvalue::{Dict, Value};

/// The value with all lists in it made tuples, as the Python original does with its input: they print as `(1, 2)`,
/// equal the lists that an expression writes, and can be keys. What holds no lists is returned as it is, shared.
///
/// [`crate::Engine::evaluate`] does this with `$`; functions of the program that embeds us do it with data that is to
/// look like data of the expression.
#[must_use]
pub fn freeze(value: &Value) -> Value {
    frozen(value).unwrap_or_else(|| value.clone())
}

/// The frozen value, where it differs. Recursion is bounded by the depth of the value.
fn frozen(value: &Value) -> Option<Value> {
    match value {
        Value::List(items) => Some(Value::tuple(items.iter().map(freeze).collect())),
        Value::Tuple(items) => {
            let (at, changed) = items
                .iter()
                .enumerate()
                .find_map(|(at, item)| Some((at, frozen(item)?)))?;
            let before = items[..at].iter().cloned();
            let after = items[at + 1..].iter().map(freeze);
            Some(Value::tuple(before.chain([changed]).chain(after).collect()))
        }
        Value::Dict(dict) => frozen_dict(dict),
        _ => None,
    }
}

fn frozen_dict(dict: &Dict) -> Option<Value> {
    let mut copy: Option<Dict> = None;
    for (index, (key, value)) in dict.iter().enumerate() {
        let changed = frozen(value);
        match (&mut copy, changed) {
            (None, None) => {}
            (None, Some(changed)) => {
                let mut started = Dict::with_capacity(dict.len());
                for (key, value) in dict.iter().take(index) {
                    started.insert(key.clone(), value.clone());
                }
                started.insert(key.clone(), changed);
                copy = Some(started);
            }
            (Some(copy), changed) => {
                copy.insert(key.clone(), changed.unwrap_or_else(|| value.clone()));
            }
        }
    }
    copy.map(Value::Dict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_tuples_of_lists_at_any_depth() {
        let inner = Value::list(vec![Value::Int(1)]);
        let dict: Dict = [
            ("a", Value::Int(1)),
            ("b", Value::tuple(vec![Value::Int(0), inner])),
        ]
        .into_iter()
        .collect();

        assert_eq!(
            freeze(&Value::Dict(dict)).repr(),
            "{'a': 1, 'b': (0, (1,))}"
        );
    }

    #[test]
    fn shares_what_holds_no_lists() {
        let value = Value::Dict([("a", Value::tuple(Vec::new()))].into_iter().collect());

        assert!(freeze(&value).is_same(&value));
    }
}
