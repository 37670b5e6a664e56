//! What the store promises, asked of both databases.
//!
//! Each case is one function over a fresh, migrated [`Store`]; [`cases!`] makes a test of it for SQLite and one for
//! PostgreSQL. The PostgreSQL server is the one of `PETREL_TEST_POSTGRES_URL`, or a throw-away one (see `server.rs`).

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where something is not as it should be"
)]

#[macro_use]
mod harness;
mod archives;
mod builders;
mod concurrency;
mod coordination;
mod datastore;
mod definitions;
mod events;
mod executions;
mod faults;
mod gates;
mod inquiries;
mod listings;
mod packs;
mod retention;
mod rules;
mod schema;
mod server;
mod traces;
mod workflows;
