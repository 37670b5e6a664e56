//! What the scheduler counts.

use metrics::counter;

/// Executions that were lost by their runners.
const LOST: &str = "petrel_executions_lost_total";
/// What was announced again since nobody took it up, by kind.
const REPEATED: &str = "petrel_announcements_repeated_total";

/// Executions that policies limit, by what became of them.
const ADMITTED: &str = "petrel_executions_admitted_total";

/// Makes the series appear before anything happened.
pub(crate) fn create() {
    lost(0);
    repeated(0, 0);
    admitted(0, 0);
}

pub(crate) fn lost(executions: usize) {
    counter!(LOST).increment(executions as u64);
}

pub(crate) fn admitted(admitted: usize, refused: usize) {
    counter!(ADMITTED, "outcome" => "admitted").increment(admitted as u64);
    counter!(ADMITTED, "outcome" => "refused").increment(refused as u64);
}

pub(crate) fn repeated(executions: usize, instances: usize) {
    counter!(REPEATED, "kind" => "execution").increment(executions as u64);
    counter!(REPEATED, "kind" => "trigger_instance").increment(instances as u64);
}
