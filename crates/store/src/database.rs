//! The handle to the database, its errors, and starting it.

use chrono::{DateTime, Utc};

use crate::StoreOptions;

/// The store. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Store {}

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The server cannot be reached, or a connection broke; trying again later may help.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The disk is full or read-only.
    #[error("the database cannot write: {0}")]
    CannotWrite(String, #[source] sqlx::Error),
    /// A row holds what this version cannot read.
    #[error("table `{table}`, column `{column}`, row `{row}` cannot be read: {reason}")]
    Unreadable {
        /// Where.
        table: &'static str,
        /// Where.
        column: &'static str,
        /// Which.
        row: String,
        /// Why.
        reason: String,
    },
    /// The schema is older or newer than this binary.
    #[error("the database's schema does not fit this version")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Anything else that the database refused.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
}

impl Store {
    /// Connects, waiting for the server as `options` say. Does not migrate.
    pub async fn connect(options: &StoreOptions) -> Result<Self, StoreError> {
        unimplemented!("{options:?}")
    }

    /// Brings the schema up to date; safe with many processes at once. Returns how many migrations were applied.
    /// Also makes the partitions of the coming days (PostgreSQL).
    pub async fn migrate(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        unimplemented!("{now}")
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn backend(&self) -> &'static str {
        unimplemented!()
    }

    /// Waits for what is under way and closes the connections.
    pub async fn close(&self) {}
}
