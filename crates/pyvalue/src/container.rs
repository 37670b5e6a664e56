//! Lists, dictionaries and sets: shared, and copied when a shared one is changed.
//!
//! Each knows how deep it is nested, and how much it would take if its parts were not shared: evaluators can refuse
//! structures whose traversal would exhaust the stack or take for ever.

use std::hash::{BuildHasher as _, Hash, Hasher};
use std::ops::Deref;
use std::sync::Arc;

use foldhash::fast::RandomState;
use indexmap::map::Entry;
use indexmap::{Equivalent, IndexMap};

use crate::Value;

/// Items of a list or tuple.
#[derive(Clone, Default)]
pub struct List(Arc<Items>);

#[derive(Clone, Default)]
struct Items {
    extent: Extent,
    items: Vec<Value>,
}

/// A dictionary. Keys are compared as Python does: `1`, `1.0` and `True` are one key.
#[derive(Clone, Default)]
pub struct Dict(Arc<Members>);

#[derive(Clone, Default)]
struct Members {
    extent: Extent,
    members: IndexMap<Key, Value, RandomState>,
}

/// A set.
#[derive(Clone, Default)]
pub struct Set(Dict);

/// A value as a key: equal and hashed as Python does it.
#[derive(Clone)]
struct Key(Value);

/// A value that is looked for, borrowed.
struct Sought<'v>(&'v Value);

/// How far a container reaches.
#[derive(Clone, Copy, Default)]
struct Extent {
    /// Levels of containers inside it.
    depth: u32,
    /// What its items weigh.
    weight: u64,
}

impl Extent {
    fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut extent = Self::default();
        for value in values {
            extent.add(value);
        }
        extent
    }

    fn add(&mut self, value: &Value) {
        self.depth = self.depth.max(value.depth());
        self.weight = self.weight.saturating_add(value.weight());
    }

    /// Takes off what a value weighed that is no longer there.
    fn lose(&mut self, value: &Value) {
        self.weight = self.weight.saturating_sub(value.weight());
    }
}

impl List {
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

    /// Whether both are the same list, not only equal ones.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// Whether others hold it too: the next change copies it.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Adds an item at the end; copies first where others hold this list too.
    pub fn push(&mut self, item: Value) {
        let items = Arc::make_mut(&mut self.0);
        items.extent.add(&item);
        items.items.push(item);
    }

    /// Changes the items in any way.
    pub fn update<T>(&mut self, change: impl FnOnce(&mut Vec<Value>) -> T) -> T {
        let items = Arc::make_mut(&mut self.0);
        let outcome = change(&mut items.items);
        items.extent = Extent::of(&items.items);
        outcome
    }

    /// The items, copied only where others hold this list too.
    #[must_use]
    pub fn into_vec(self) -> Vec<Value> {
        match Arc::try_unwrap(self.0) {
            Ok(items) => items.items,
            Err(shared) => shared.items.clone(),
        }
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.items
    }
}

impl<'l> IntoIterator for &'l List {
    type Item = &'l Value;
    type IntoIter = std::slice::Iter<'l, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        Self(Arc::new(Items {
            extent: Extent::of(&items),
            items,
        }))
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Self::from(items.into_iter().collect::<Vec<_>>())
    }
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
