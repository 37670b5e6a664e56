//! Workflows under way: what conducting one step changes is stored together, by whoever holds the workflow.
//!
//! A workflow is an execution by a conducted runner ([`model::is_conducted`]). Who conducts it holds it by the lease on
//! the execution's row; its state is a set of records under text keys, and the definition that it began with stays with
//! it. What the records mean is the conductor's business alone.

mod advance;
mod change;
mod claim;
mod read;

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionContext, ExecutionId, ExecutionStatus};

use crate::FinishedExecution;

pub(crate) use advance::KnownDefinitions;

/// Executions that are workflows: [`model::CONDUCTED_RUNNERS`], spelled out as the partial index has them.
pub(crate) const CONDUCTED: &str = "runner in ('orquesta', 'action-chain')";

/// A change of a workflow's records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordChange {
    /// The record is this from now on. Keys are short: letters, digits and `.`, `-`, `_`, `/`.
    Put {
        /// Which.
        key: String,
        /// A JSON text, of any size.
        body: String,
    },
    /// There is no such record any more.
    Remove {
        /// Which.
        key: String,
    },
    /// There are no records any more whose keys begin so. Comes about before anything that the same step puts.
    RemoveUnder {
        /// What the keys begin with.
        prefix: String,
    },
}

/// How a workflow begins.
#[derive(Debug, Clone)]
pub struct WorkflowBeginning {
    /// The text of its definition, which stays with it. Stored once for each content.
    pub definition: String,
    /// The context of its execution from now on. What executions are looked up by (rule, trace, parent, ...) stays as
    /// it was requested.
    pub context: ExecutionContext,
}

/// What conducting a workflow has changed: all of it is stored, or nothing.
///
/// Several steps of one workflow may be stored at once; they are taken in their order.
#[derive(Debug, Clone)]
pub struct WorkflowStep {
    /// The workflow's execution.
    pub id: ExecutionId,
    /// Who conducts it: a step told by anybody else changes nothing.
    pub holder: String,
    /// With its first step: how it begins.
    pub beginning: Option<WorkflowBeginning>,
    /// The context of its execution from now on, where that changes after the beginning.
    pub context: Option<ExecutionContext>,
    /// The records that changed.
    pub changes: Vec<RecordChange>,
    /// The executions that it asks for now.
    pub requests: Vec<Execution>,
    /// The workflow's new state, none of them final. It is not set where somebody has asked for another one meanwhile:
    /// `running` only takes the place of `resuming`, `paused`, `pausing` or `pending`; `paused`, `pausing`, `pending` and
    /// `resuming` not that of `canceling`. To be told only when it changes: what is told again may undo a wish that came
    /// between.
    pub status: Option<ExecutionStatus>,
    /// The workflow's end; its `id` and `holder` are those of the step, and its state is final: else the step changes
    /// nothing.
    pub end: Option<FinishedExecution>,
    /// Nobody conducts it any more until somebody claims it again. So it is with an end, too, and where `status` makes
    /// it (or finds it) `paused` or `pending`.
    pub is_released: bool,
    /// When.
    pub at: DateTime<Utc>,
}

/// A workflow as its steps have left it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredWorkflow {
    /// The text of the definition that it began with.
    pub definition: String,
    /// Its records: keys and JSON texts, in the order of the keys.
    pub records: Vec<(String, String)>,
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_every_conducted_runner() {
        let names = model::CONDUCTED_RUNNERS.map(|name| format!("'{name}'"));

        assert_eq!(
            super::CONDUCTED,
            format!("runner in ({})", names.join(", "))
        );
    }
}
