//! How much a process conducts, and within which bounds.

use std::time::Duration;

/// The options of the workflow role.
#[derive(Debug, Clone)]
pub struct WorkflowOptions {
    /// At most so many messages are fetched without being acknowledged.
    pub prefetch: u16,
    /// How long a workflow stays ours without its lease being renewed.
    pub lease: Duration,
    /// How often leases are renewed.
    pub renew_every: Duration,
    /// How often workflows are looked for that nobody conducts.
    pub sweep_every: Duration,
    /// How long a workflow must have waited before a sweep takes it.
    pub sweep_after: Duration,
    /// How many workflows one sweep takes at most.
    pub sweep_limit: u32,
    /// At most so many workflows take a step in one transaction.
    pub together: usize,
    /// At most so many transactions are under way at once.
    pub lanes: usize,
    /// At most so much news waits here for its workflow; beyond, nothing is fetched.
    pub backlog: usize,
    /// A workflow that has run so many tasks fails: a definition that loops for ever would else never end.
    pub max_task_runs: usize,
    /// Sub-workflows may be this deep: one that calls itself would else never end.
    pub max_depth: usize,
    /// Evaluate what callers give and what expressions yield once more, as StackStorm does.
    pub reevaluate: bool,
    /// The API as `ctx().st2.api_url` gives it, such as `http://127.0.0.1:9101/v1`.
    pub api_url: String,
}

impl Default for WorkflowOptions {
    fn default() -> Self {
        Self {
            prefetch: 64,
            lease: Duration::from_secs(10),
            renew_every: Duration::from_secs(3),
            sweep_every: Duration::from_secs(2),
            sweep_after: Duration::from_secs(2),
            sweep_limit: 500,
            together: 64,
            lanes: 4,
            backlog: 10_000,
            max_task_runs: 100_000,
            max_depth: 100,
            reevaluate: false,
            api_url: String::new(),
        }
    }
}
