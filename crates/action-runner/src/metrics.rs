//! What the runner counts.

use std::time::Duration;

use metrics::{counter, describe_histogram, gauge, histogram};
use model::ExecutionStatus;

/// Executions that ended here, by their final state.
const ENDED: &str = "petrel_executions_ended_total";
/// Executions that this process holds now.
const HELD: &str = "petrel_executions_held";
/// Seconds from asking a warm Python for a process to knowing how the action ended.
const PYTHON: &str = "petrel_python_action_seconds";

/// Makes the series appear before anything happened.
pub(crate) fn create() {
    for status in ExecutionStatus::ALL
        .iter()
        .filter(|status| status.is_final())
    {
        counter!(ENDED, "status" => status.as_str()).absolute(0);
    }
    gauge!(HELD).set(0.0);
    describe_histogram!(
        PYTHON,
        "Seconds from asking for a process of a warm Python to knowing how its action ended"
    );
}

/// Tells how long a Python action took, its process included.
pub(crate) fn python_action_took(time: Duration) {
    histogram!(PYTHON).record(time.as_secs_f64());
}

/// Counts an execution whose end is stored.
pub(crate) fn ended(status: ExecutionStatus) {
    counter!(ENDED, "status" => status.as_str()).increment(1);
}

/// Says how many executions are held now.
pub(crate) fn held(count: usize) {
    gauge!(HELD).set(u32::try_from(count).unwrap_or(u32::MAX));
}
