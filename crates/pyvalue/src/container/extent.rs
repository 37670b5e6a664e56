//! How far a container reaches, kept up to date with each change.

use crate::Value;

/// How far a container reaches.
#[derive(Clone, Copy, Default)]
pub(super) struct Extent {
    /// Levels of containers inside it.
    pub(super) depth: u32,
    /// What its items weigh.
    pub(super) weight: u64,
}

impl Extent {
    pub(super) fn of<'v>(values: impl IntoIterator<Item = &'v Value>) -> Self {
        let mut extent = Self::default();
        for value in values {
            extent.add(value);
        }
        extent
    }

    pub(super) fn add(&mut self, value: &Value) {
        self.depth = self.depth.max(value.depth());
        self.weight = self.weight.saturating_add(value.weight());
    }

    /// Takes off what a value weighed that is no longer there.
    pub(super) fn lose(&mut self, value: &Value) {
        self.weight = self.weight.saturating_sub(value.weight());
    }
}
