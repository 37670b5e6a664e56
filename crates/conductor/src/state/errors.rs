//! What went wrong, each thing once.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use pyvalue::Value;

use super::{ErrorEntry, ErrorId};

/// Errors in the order in which they were noted, found again by what they say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Errors {
    by_id: BTreeMap<ErrorId, ErrorEntry>,
    by_digest: HashMap<u64, Vec<ErrorId>>,
}

impl Errors {
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = (ErrorId, &ErrorEntry)> {
        self.by_id.iter().map(|(id, error)| (*id, error))
    }

    pub(crate) fn get(&self, id: ErrorId) -> Option<&ErrorEntry> {
        self.by_id.get(&id)
    }

    /// Notes an error; `None` where the very same was noted before.
    pub(super) fn add(&mut self, error: ErrorEntry) -> Option<ErrorId> {
        let same = self.by_digest.get(&digest(&error));
        let is_known = same.is_some_and(|ids| {
            ids.iter()
                .filter_map(|id| self.by_id.get(id))
                .any(|known| *known == error)
        });
        if is_known {
            return None;
        }
        let last = self.by_id.last_key_value();
        let id = ErrorId(last.map_or(0, |(last, _)| last.0.saturating_add(1)));
        self.insert(id, error);
        Some(id)
    }

    /// Puts one at its place.
    pub(super) fn insert(&mut self, id: ErrorId, error: ErrorEntry) {
        let same = self.by_digest.entry(digest(&error)).or_default();
        same.push(id);
        self.by_id.insert(id, error);
    }

    pub(super) fn remove(&mut self, id: ErrorId) -> Option<ErrorEntry> {
        let error = self.by_id.remove(&id)?;
        let digest = digest(&error);
        if let Some(same) = self.by_digest.get_mut(&digest) {
            same.retain(|known| *known != id);
            if same.is_empty() {
                self.by_digest.remove(&digest);
            }
        }
        Some(error)
    }
}

/// Equal for equal errors.
fn digest(error: &ErrorEntry) -> u64 {
    let mut hasher = DefaultHasher::new();
    error.message.hash(&mut hasher);
    error.task_id.hash(&mut hasher);
    error.route.hash(&mut hasher);
    error.transition.hash(&mut hasher);
    error.result.as_ref().map_or(0, of_value).hash(&mut hasher);
    hasher.finish()
}

/// Equal for values that are equal in Python: `1`, `1.0` and `True` are, and dictionaries have no order.
#[expect(
    clippy::cast_precision_loss,
    reason = "two numbers may have the same digest"
)]
fn of_value(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Bool(truth) => f64::from(u8::from(*truth)).to_bits().hash(&mut hasher),
        Value::Int(number) => (*number as f64).to_bits().hash(&mut hasher),
        // There is a zero below zero, which is equal to the other.
        Value::Float(number) => (number + 0.0).to_bits().hash(&mut hasher),
        Value::Str(text) => text.hash(&mut hasher),
        Value::List(items) | Value::Tuple(items) => {
            items.len().hash(&mut hasher);
            for item in items {
                of_value(item).hash(&mut hasher);
            }
        }
        Value::Dict(dict) => {
            dict.len().hash(&mut hasher);
            let sum = dict.iter().fold(0_u64, |sum, (key, value)| {
                sum.wrapping_add(of_value(key).rotate_left(7) ^ of_value(value))
            });
            sum.hash(&mut hasher);
        }
        // Whatever else there is may be equal to anything else.
        _ => {}
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(result: &serde_json::Value) -> ErrorEntry {
        ErrorEntry {
            message: "it failed".to_owned(),
            task_id: Some("t1".into()),
            route: None,
            transition: None,
            result: Some(Value::from_json(result)),
        }
    }

    #[test]
    fn an_error_is_noted_once() {
        let mut errors = Errors::default();

        let first = errors.add(error(&json!({"a": 1, "b": [true]})));
        let same = errors.add(error(&json!({"b": [1.0], "a": 1.0})));
        let other = errors.add(error(&json!({"a": 1, "b": [false]})));

        assert_eq!((first, same), (Some(ErrorId(0)), None));
        assert_eq!(other, Some(ErrorId(1)));
    }

    #[test]
    fn a_forgotten_error_may_be_noted_again() {
        let mut errors = Errors::default();
        errors.add(error(&json!(1)));
        errors.add(error(&json!(2)));

        errors.remove(ErrorId(0));

        assert_eq!(errors.add(error(&json!(1))), Some(ErrorId(2)));
        assert_eq!(errors.iter().len(), 2);
    }
}
