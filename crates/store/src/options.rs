//! How to reach the database.

use std::path::PathBuf;
use std::time::Duration;

/// Where the store is, and how hard to use it.
#[derive(Debug, Clone)]
pub enum StoreOptions {
    /// An embedded database in this file (made if absent), with `synchronous=FULL` and a write-ahead log.
    Sqlite {
        /// The database file.
        path: PathBuf,
    },
    /// A PostgreSQL server.
    Postgres {
        /// `postgres://user:password@host:port/database`.
        url: String,
        /// Connections of this process.
        max_connections: u32,
        /// How long to go on trying to reach the server at start; `None` is for ever. Each try that failed is logged
        /// with its reason and the time until the next.
        connect_deadline: Option<Duration>,
    },
}
