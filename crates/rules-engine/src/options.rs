//! How the rules engine works.

use std::time::Duration;

/// Bounds and habits of the service.
#[derive(Debug, Clone)]
pub struct RulesOptions {
    /// At most so many messages are taken from the bus unacknowledged.
    pub prefetch: u16,
    /// At most so many messages are worked on together.
    pub batch: usize,
    /// At most so many trigger instances are finished by one transaction.
    pub group: usize,
    /// So many batches are worked on at the same time.
    pub concurrency: usize,
    /// How often the revision of the rules is compared, whatever the news say.
    pub poll: Duration,
    /// How often trigger instances that nobody took are looked for.
    pub sweep: Duration,
    /// An instance that waits for longer is taken by the sweep.
    pub overdue: Duration,
    /// As `overdue`, while every batch slot is busy: the instance most likely waits its turn on the bus.
    pub overdue_when_busy: Duration,
    /// At most so many instances are taken by one look of the sweep.
    pub sweep_limit: u32,
    /// For whom executions run whose rule names nobody (st2's system user).
    pub system_user: String,
}

impl Default for RulesOptions {
    fn default() -> Self {
        Self {
            prefetch: 64,
            batch: 16,
            group: 500,
            concurrency: 4,
            poll: Duration::from_secs(1),
            sweep: Duration::from_secs(5),
            overdue: Duration::from_secs(5),
            overdue_when_busy: Duration::from_mins(1),
            sweep_limit: 500,
            system_user: "stanley".to_owned(),
        }
    }
}
