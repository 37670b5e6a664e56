//! Keeping history in bounds.

use chrono::{DateTime, Utc};

use crate::{Store, StoreError};

/// How far back history is kept. `None` keeps it for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Retention {
    /// Trigger instances and enforcements.
    pub events_before: Option<DateTime<Utc>>,
    /// Executions that have ended, their results and output.
    pub executions_before: Option<DateTime<Utc>>,
    /// The audit log.
    pub audit_before: Option<DateTime<Utc>>,
}

impl Store {
    /// Drops what is older: whole partitions on PostgreSQL (never one that holds an open execution), bounded batches
    /// on SQLite. Returns how many rows or partitions went.
    pub async fn apply_retention(&self, retention: &Retention) -> Result<u64, StoreError> {
        unimplemented!("{retention:?}")
    }

    /// Makes the partitions of the coming days (PostgreSQL); does nothing on SQLite.
    pub async fn prepare_partitions(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        unimplemented!("{now}")
    }
}
