//! The items of a task.

use crate::Status;

/// The items of a task: the status of each, and how many are in each status.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Items {
    statuses: Vec<Status>,
    counts: [usize; Status::ALL.len()],
    /// No item before this one has yet to run.
    first_unset: usize,
}

impl Items {
    /// So many, none of which has run.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self::from_statuses(vec![Status::Unset; count])
    }

    /// Items with their statuses.
    #[must_use]
    pub fn from_statuses(statuses: Vec<Status>) -> Self {
        let mut counts = [0; Status::ALL.len()];
        for status in &statuses {
            counts[status.index()] += 1;
        }
        Self {
            statuses,
            counts,
            first_unset: 0,
        }
    }

    /// Their statuses.
    #[must_use]
    pub fn statuses(&self) -> &[Status] {
        &self.statuses
    }

    /// Whether any item is in a status of a group; one item may be left out.
    pub(crate) fn any(&self, group: impl Fn(Status) -> bool, except: Option<usize>) -> bool {
        let except = except.and_then(|at| self.statuses.get(at).copied());
        Status::ALL.into_iter().any(|status| {
            let left_out = usize::from(except == Some(status));
            group(status) && self.counts[status.index()] > left_out
        })
    }

    /// How many items are active.
    pub(crate) fn active(&self) -> usize {
        Status::ALL
            .into_iter()
            .filter(|status| status.is_active())
            .map(|status| self.counts[status.index()])
            .sum()
    }

    /// The first items that have yet to run, at most so many.
    pub(crate) fn unset(&self, most: usize) -> Vec<usize> {
        self.statuses
            .iter()
            .enumerate()
            .skip(self.first_unset)
            .filter(|(_, status)| **status == Status::Unset)
            .map(|(at, _)| at)
            .take(most)
            .collect()
    }

    pub(crate) fn set(&mut self, item: usize, status: Status) -> Option<Status> {
        let place = self.statuses.get_mut(item)?;
        let before = std::mem::replace(place, status);
        self.counts[before.index()] -= 1;
        self.counts[status.index()] += 1;
        if status == Status::Unset {
            self.first_unset = self.first_unset.min(item);
        }
        while self
            .statuses
            .get(self.first_unset)
            .is_some_and(|status| *status != Status::Unset)
        {
            self.first_unset += 1;
        }
        Some(before)
    }
}
