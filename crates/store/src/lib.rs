//! What the engine must remember, as operations of the domain, on PostgreSQL and on SQLite.
//!
//! The store is the truth: what it has committed happened, whatever becomes of processes and brokers. Two promises
//! hold for every operation: what must appear together is one transaction, and a state changes only by a write that
//! names the state it expects. SQL lives here and nowhere else; nobody outside sees a connection.

mod audit;
mod coordination;
mod database;
mod datastore;
mod definition;
mod event;
mod execution;
mod options;
mod output;
mod retention;
mod rule;
mod snapshot;
mod trace;

pub use audit::AuditFilter;
pub use coordination::LeaseOutcome;
pub use database::{Store, StoreError};
pub use datastore::KeyFilter;
pub use definition::{Definition, DefinitionFilter, Kind, PackContent, Revision, SaveError};
pub use event::{EnforcementFilter, ProcessedInstance, TriggerInstanceFilter};
pub use execution::{ExecutionFilter, ExecutionOrder, FinishedExecution, FilterField, StatusChange};
pub use options::StoreOptions;
pub use retention::Retention;
pub use rule::RuleDraft;
pub use trace::TraceFilter;
