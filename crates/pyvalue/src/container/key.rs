//! Values as keys: equal and hashed as Python does it.

use std::hash::{BuildHasher as _, Hash, Hasher};
use std::sync::Arc;

use indexmap::Equivalent;

use crate::Value;

/// A value as a key: equal and hashed as Python does it.
#[derive(Clone)]
pub(super) struct Key(pub(super) Value);

/// A value that is looked for, borrowed.
pub(super) struct Sought<'v>(pub(super) &'v Value);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.is_same(&other.0) || self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(&self.0, state);
    }
}

impl Hash for Sought<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(self.0, state);
    }
}

impl Equivalent<Key> for Sought<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0 == &key.0 || self.0.is_same(&key.0)
    }
}

impl Equivalent<Key> for str {
    fn equivalent(&self, key: &Key) -> bool {
        matches!(&key.0, Value::Str(text) if **text == *self)
    }
}

/// Equal values hash alike. A text hashes as `str` does, so that names are found without being copied.
fn hash<H: Hasher>(value: &Value, state: &mut H) {
    match value {
        Value::Str(text) => text.hash(state),
        Value::None => state.write_u8(0),
        Value::Bool(truth) => state.write_i64(i64::from(*truth)),
        Value::Int(number) => state.write_i64(*number),
        Value::Float(number) => hash_float(*number, state),
        Value::Big(number) => number.hash(state),
        Value::Bytes(bytes) => bytes.hash(state),
        Value::List(items) | Value::Tuple(items) => {
            state.write_usize(items.len());
            for item in items {
                hash(item, state);
            }
        }
        Value::Dict(dict) => hash_unordered(
            dict.iter()
                .map(|(key, value)| Value::tuple(vec![key.clone(), value.clone()])),
            state,
        ),
        Value::Set(set) => hash_unordered(set.iter().cloned(), state),
        Value::DateTime(moment) => state.write_i64(moment.timestamp_micros()),
        Value::TimeSpan(span) => state.write_i64(*span),
        Value::Object(object) => state.write_usize(Arc::as_ptr(object).cast::<()>().addr()),
    }
}

/// A whole float equals the integer, so it hashes as the integer does.
fn hash_float<H: Hasher>(number: f64, state: &mut H) {
    match crate::number::whole(number) {
        Some(Value::Big(whole)) => whole.hash(state),
        Some(Value::Int(whole)) => state.write_i64(whole),
        _ => state.write_u64(number.to_bits()),
    }
}

/// Sums the members' hashes: their order does not count.
fn hash_unordered<H: Hasher>(values: impl Iterator<Item = Value>, state: &mut H) {
    let hasher = foldhash::fast::FixedState::default();
    let sum = values
        .map(|value| hasher.hash_one(Key(value)))
        .fold(0, u64::wrapping_add);
    state.write_u64(sum);
}
