//! What all workflows of a process share.

use std::sync::Arc;

use executions::Executions;
use lifecycle::{Clock, Shutdown};
use model::{IdSource, RunnerInfo};
use secrets::Vault;
use store::Store;

use crate::definitions::Definitions;
use crate::options::WorkflowOptions;

/// What conducting needs beside the workflow.
#[derive(Debug)]
pub(crate) struct Bench {
    pub(crate) store: Store,
    pub(crate) executions: Executions,
    pub(crate) vault: Vault,
    pub(crate) clock: Clock,
    pub(crate) ids: Arc<IdSource>,
    pub(crate) definitions: Definitions,
    pub(crate) options: WorkflowOptions,
    /// Who this process is, as executions show it.
    pub(crate) info: RunnerInfo,
    /// The holder of this process's leases.
    pub(crate) holder: String,
    /// Tells when this process must stop.
    pub(crate) shutdown: Shutdown,
}

/// An error and its causes in a line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
