//! What a walk over the tasks may take.
//!
//! Orquesta walks a graph without remembering where it was, and tells what it finds on each visit again. Its counts are
//! kept as long as the walk is short; where it would go on for ever, tasks are visited once.

/// Steps that are left.
#[derive(Debug)]
pub(super) struct Allowance(usize);

impl Allowance {
    pub(super) fn new(steps: usize) -> Self {
        Self(steps)
    }

    /// Takes some steps; what is not there is not taken.
    pub(super) fn take(&mut self, steps: usize) {
        self.0 = self.0.saturating_sub(steps);
    }

    /// Whether all is used up.
    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }
}
