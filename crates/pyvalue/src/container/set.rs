//! Sets.

use super::Dict;
use crate::Value;

/// A set.
#[derive(Clone, Default)]
pub struct Set(Dict);

impl Set {
    /// Levels of containers, itself included.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.0.depth()
    }

    /// Bytes it would take if its parts were not shared, about: see [`Value::weight`].
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.0.weight()
    }

    /// Whether both are the same set, not only equal ones.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.0.is_same(&other.0)
    }

    /// Whether others hold it too: the next change copies it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.0.is_shared()
    }

    /// How many members it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a value is in it.
    #[must_use]
    pub fn contains(&self, value: &Value) -> bool {
        self.0.get_value(value).is_some()
    }

    /// Adds a value; false where an equal one was there (which stays).
    pub fn insert(&mut self, value: Value) -> bool {
        let is_new = !self.contains(&value);
        if is_new {
            self.0.insert(value, Value::None);
        }
        is_new
    }

    /// Takes a value out.
    pub fn remove(&mut self, value: &Value) -> bool {
        self.0.remove(value).is_some()
    }

    /// Members in the order they came.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.keys()
    }
}

impl FromIterator<Value> for Set {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        let mut set = Self::default();
        for value in values {
            set.insert(value);
        }
        set
    }
}
