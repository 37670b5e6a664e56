//! What is kept at hand of lists: those asked for last.

use std::collections::HashMap;

use super::ListId;

/// So many at least, and twice as many at most.
const KEPT: usize = 512;

/// Things by list. Those that were not asked for in a while are forgotten.
#[derive(Debug, Clone)]
pub(super) struct Kept<T> {
    recent: HashMap<ListId, T>,
    older: HashMap<ListId, T>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self {
            recent: HashMap::new(),
            older: HashMap::new(),
        }
    }
}

impl<T: Clone> Kept<T> {
    pub(super) fn get(&mut self, list: ListId) -> Option<T> {
        if let Some(known) = self.recent.get(&list) {
            return Some(known.clone());
        }
        let known = self.older.remove(&list)?;
        self.keep(list, known.clone());
        Some(known)
    }

    pub(super) fn keep(&mut self, list: ListId, known: T) {
        if self.recent.len() >= KEPT {
            self.older = std::mem::take(&mut self.recent);
        }
        self.recent.insert(list, known);
    }

    pub(super) fn retain(&mut self, is_kept: impl Fn(&ListId) -> bool) {
        self.recent.retain(|list, _| is_kept(list));
        self.older.retain(|list, _| is_kept(list));
    }
}
