//! What the workflow role counts.

use metrics::{counter, gauge};

/// Workflows that this process conducts.
const HELD: &str = "petrel_workflows_held";
/// Steps that were stored.
const STEPS: &str = "petrel_workflow_steps_total";
/// Workflows taken over from a process that was lost, or that had given them back.
const TAKEN_OVER: &str = "petrel_workflows_taken_over_total";
/// Workflows that have ended here, by their state.
const ENDED: &str = "petrel_workflows_ended_total";

/// Makes the series appear before anything happened.
pub(crate) fn create() {
    held(0);
    steps(0);
    taken_over(0);
    for status in model::ExecutionStatus::ALL
        .iter()
        .filter(|status| status.is_final())
    {
        counter!(ENDED, "status" => status.as_str()).increment(0);
    }
}

pub(crate) fn held(workflows: usize) {
    #[expect(clippy::cast_precision_loss, reason = "no process holds that many")]
    gauge!(HELD).set(workflows as f64);
}

pub(crate) fn steps(steps: usize) {
    counter!(STEPS).increment(steps as u64);
}

pub(crate) fn taken_over(workflows: usize) {
    counter!(TAKEN_OVER).increment(workflows as u64);
}

pub(crate) fn ended(status: model::ExecutionStatus) {
    counter!(ENDED, "status" => status.as_str()).increment(1);
}
