#![doc = include_str!("../README.md")]

mod compare;
mod outcome;
mod play;
mod reader;
mod story;
mod suite;
mod workflow;

pub use compare::Mismatch;
pub use reader::Problem;
pub use story::{ItemRun, Run, Story, StoryError};
pub use suite::{Case, Suite};
pub use workflow::{Unusable, Workflow};

/// What came of a case.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// What happened.
    pub story: Story,
    /// Where it is not what was expected.
    pub mismatches: Vec<Mismatch>,
}

impl Verdict {
    /// Whether all is as expected.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.mismatches.is_empty()
    }
}

/// Runs a case and compares what happened with what it expects.
#[must_use]
pub fn rehearse(workflow: &Workflow, case: &Case) -> Verdict {
    let story = play::run(workflow, case);
    let mismatches = compare::compare(case, &story);
    Verdict { story, mismatches }
}
