//! What the service counts.

use metrics::{counter, histogram};
use model::{EnforcementStatus, TriggerInstanceStatus};
use store::ProcessedInstance;

/// Trigger instances by the state they were left in.
const INSTANCES: &str = "petrel_trigger_instances_processed_total";
/// Enforcements by what came of them.
const ENFORCEMENTS: &str = "petrel_rule_enforcements_total";
/// How long a group took from evaluation to commit.
const GROUP: &str = "petrel_rules_group_seconds";

/// Makes the series appear before anything happened.
pub(crate) fn create() {
    for status in [
        TriggerInstanceStatus::Processed,
        TriggerInstanceStatus::ProcessingFailed,
    ] {
        counter!(INSTANCES, "status" => status.as_str()).absolute(0);
    }
    for status in EnforcementStatus::ALL {
        counter!(ENFORCEMENTS, "status" => status.as_str()).absolute(0);
    }
}

/// Counts an instance that this process won.
pub(crate) fn won(processed: &ProcessedInstance) {
    counter!(INSTANCES, "status" => processed.status.as_str()).increment(1);
    for enforcement in &processed.enforcements {
        counter!(ENFORCEMENTS, "status" => enforcement.status.as_str()).increment(1);
    }
}

/// Records how long a group took.
pub(crate) fn group(elapsed: std::time::Duration) {
    histogram!(GROUP).record(elapsed.as_secs_f64());
}
