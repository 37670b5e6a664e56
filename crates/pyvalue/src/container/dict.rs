//! Dictionaries.

use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::Entry;

use super::extent::Extent;
use super::key::{Key, Sought};
use crate::Value;

/// A dictionary. Keys are compared as Python does: `1`, `1.0` and `True` are one key.
#[derive(Clone, Default)]
pub struct Dict(Arc<Members>);

#[derive(Clone, Default)]
struct Members {
    extent: Extent,
    members: IndexMap<Key, Value, RandomState>,
}

impl Dict {
    /// An empty one with room.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Arc::new(Members {
            extent: Extent::default(),
            members: IndexMap::with_capacity_and_hasher(capacity, RandomState::default()),
        }))
    }

    /// Levels of containers, itself included.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.0.extent.depth + 1
    }

    /// Bytes it would take if its parts were not shared, about: see [`Value::weight`].
    #[must_use]
    pub fn weight(&self) -> u64 {
        self.0.extent.weight
    }

    /// Whether both are the same dictionary, not only equal ones.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether others hold it too: the next change copies it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// How many members it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.members.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.members.is_empty()
    }

    /// The value of a text key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.members.get(key)
    }

    /// The value of any key. What Python cannot hash is looked up all the same: ask [`Value::check_hashable`] first
    /// where that is an error.
    #[must_use]
    pub fn get_value(&self, key: &Value) -> Option<&Value> {
        match key {
            Value::Str(text) => self.get(text),
            other => self.0.members.get(&Sought(other)),
        }
    }

    /// Sets a member; one that is there keeps its place.
    pub fn insert(&mut self, key: impl Into<Value>, value: impl Into<Value>) {
        let (key, value) = (key.into(), value.into());
        let members = Arc::make_mut(&mut self.0);
        members.extent.add(&value);
        match members.members.entry(Key(key)) {
            Entry::Occupied(mut member) => {
                let before = member.insert(value);
                members.extent.lose(&before);
            }
            Entry::Vacant(place) => {
                members.extent.add(&place.key().0);
                place.insert(value);
            }
        }
    }

    /// Takes a member out; the others keep their order.
    pub fn remove(&mut self, key: &Value) -> Option<Value> {
        self.get_value(key)?;
        let members = Arc::make_mut(&mut self.0);
        let (key, value) = members.members.shift_remove_entry(&Sought(key))?;
        members.extent.lose(&key.0);
        members.extent.lose(&value);
        Some(value)
    }

    /// Takes the last member out.
    pub fn pop(&mut self) -> Option<(Value, Value)> {
        let members = Arc::make_mut(&mut self.0);
        let (key, value) = members.members.pop()?;
        members.extent.lose(&key.0);
        members.extent.lose(&value);
        Some((key.0, value))
    }

    /// Changes the value of a key in place, where the key is there.
    pub fn update_value<T>(
        &mut self,
        key: &Value,
        change: impl FnOnce(&mut Value) -> T,
    ) -> Option<T> {
        self.get_value(key)?;
        let members = Arc::make_mut(&mut self.0);
        let value = members.members.get_mut(&Sought(key))?;
        members.extent.lose(value);
        let outcome = change(value);
        members.extent.add(value);
        Some(outcome)
    }

    /// Members in their order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Value, &Value)> + ExactSizeIterator {
        self.0.members.iter().map(|(key, value)| (&key.0, value))
    }

    /// Keys in their order.
    #[must_use]
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.members.keys().map(|key| &key.0)
    }

    /// Values in their order.
    #[must_use]
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.members.values()
    }
}

impl<K: Into<Value>, V: Into<Value>> FromIterator<(K, V)> for Dict {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        let members = members.into_iter();
        let mut dict = Self::with_capacity(members.size_hint().0);
        for (key, value) in members {
            dict.insert(key, value);
        }
        dict
    }
}

/// As Python compares dictionaries: the order of members does not count.
impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other)
            || (self.len() == other.len()
                && self
                    .iter()
                    .all(|(key, value)| other.get_value(key) == Some(value)))
    }
}

/// As [`Value::repr`].
impl std::fmt::Debug for Dict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&Value::Dict(self.clone()).repr())
    }
}
