//! Lists and tuples.

use std::ops::Deref;
use std::sync::Arc;

use super::extent::Extent;
use crate::Value;

/// Items of a list or tuple.
#[derive(Clone, Default)]
pub struct List(Arc<Items>);

#[derive(Clone, Default)]
struct Items {
    extent: Extent,
    items: Vec<Value>,
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
