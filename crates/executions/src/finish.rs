//! Ending executions.

use model::{Execution, ExecutionStatus};
use serde_json::Value;
use store::StoreError;

use crate::Executions;

/// How one run came out.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The execution as it was claimed.
    pub execution: Execution,
    /// A final state.
    pub status: ExecutionStatus,
    /// What it ended with.
    pub result: Value,
}

impl Executions {
    /// Stores outcomes in one transaction, together with the trigger instances that rules want to hear of
    /// (`core.st2.generic.actiontrigger`, `notifytrigger`; `intake::wanted` says which), then tells the streams.
    /// Secrets in results are masked first. Repeats while the database is away; gives up only for outcomes that
    /// somebody else has settled meanwhile.
    pub async fn finish(&self, outcomes: Vec<Outcome>) -> Result<(), StoreError> {
        unimplemented!("{outcomes:?} {:?} {:?} {:?} {:?} {:?}", self.store, self.bus, self.vault, self.clock, self.ids)
    }
}
