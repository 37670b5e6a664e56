//! How often the scheduler looks, and how long things may wait.

use std::time::Duration;

/// The options of a scheduler.
#[derive(Debug, Clone)]
pub struct SchedulerOptions {
    /// How long a scheduler leads without renewing its lease; another one takes over after that.
    pub lead: Duration,
    /// How often to look for executions that their runners lost, for delayed ones, and for overdue inquiries.
    pub look_every: Duration,
    /// After the database was away, how long runners have to renew their leases before any is taken for lost.
    pub settle: Duration,
    /// How often to look for what nobody took up.
    pub repeat_every: Duration,
    /// How long an execution or a trigger instance must have waited to be announced again; the next time it is
    /// announced again after twice as long, and so on up to `repeat_at_most_every`.
    pub repeat_after: Duration,
    /// See `repeat_after`.
    pub repeat_at_most_every: Duration,
    /// How long whoever refuses executions (`action: cancel`) has to end them; after that they count as lost.
    pub refuse_within: Duration,
    /// How many of a kind are handled in a turn.
    pub batch: u32,
    /// How often expired datastore items are removed.
    pub expire_keys_every: Duration,
    /// How often old history is dropped and room for new history is made.
    pub housekeeping_every: Duration,
    /// How long trigger instances and enforcements are kept; `None` is for ever.
    pub keep_events: Option<Duration>,
    /// How long ended executions are kept, with their results and output; `None` is for ever.
    pub keep_executions: Option<Duration>,
    /// How long the audit log is kept; `None` is for ever.
    pub keep_audit: Option<Duration>,
}

impl Default for SchedulerOptions {
    fn default() -> Self {
        Self {
            lead: Duration::from_secs(15),
            look_every: Duration::from_secs(1),
            settle: Duration::from_secs(10),
            repeat_every: Duration::from_secs(2),
            repeat_after: Duration::from_secs(5),
            repeat_at_most_every: Duration::from_mins(1),
            refuse_within: Duration::from_secs(30),
            batch: 500,
            expire_keys_every: Duration::from_secs(10),
            housekeeping_every: Duration::from_hours(1),
            keep_events: None,
            keep_executions: None,
            keep_audit: None,
        }
    }
}
