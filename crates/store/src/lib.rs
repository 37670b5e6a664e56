//! What the engine must remember, as operations of the domain, on PostgreSQL and on SQLite.
//!
//! The store is the truth: what it has committed happened, whatever becomes of processes and brokers. Two promises
//! hold for every operation: what must appear together is one transaction, and a state changes only by a write that
//! names the state it expects. SQL lives here and nowhere else; nobody outside sees a connection.

mod admission;
mod audit;
mod catalog;
mod coordination;
mod database;
mod datastore;
mod decode;
mod definition;
mod digest;
mod enforcement;
mod event;
mod execution;
mod execution_listing;
mod execution_row;
mod fault;
mod inquiry;
mod listing;
mod lite;
mod options;
mod output;
mod pack_archive;
mod pack_content;
mod partition;
mod registration;
mod result;
mod retention;
mod rule;
mod sensor_status;
mod snapshot;
mod sql;
mod trace;
mod tx;
mod upkeep;
mod workflow;

pub use admission::{Admission, GateLimit};
pub use audit::AuditFilter;
pub use coordination::LeaseOutcome;
pub use database::{Store, StoreError};
pub use datastore::KeyFilter;
pub use definition::{
    Definition, DefinitionFilter, Kind, PackContent, PackFiles, Revision, SaveError,
};
pub use enforcement::EnforcementFilter;
pub use event::{ProcessedInstance, TriggerInstanceFilter};
pub use execution::{ExecutionOrder, FinishedExecution, StatusChange};
pub use execution_listing::{ExecutionFilter, FilterField};
pub use inquiry::PendingExecution;
pub use options::StoreOptions;
pub use pack_archive::{PackArchive, PackInstall};
pub use retention::Retention;
pub use rule::RuleDraft;
pub use trace::TraceFilter;
pub use workflow::{RecordChange, StoredWorkflow, WorkflowBeginning, WorkflowStep};
