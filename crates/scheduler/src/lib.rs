//! Admits executions that policies limit, recovers what dead runners held, announces again what nobody claimed, announces delayed executions when they are
//! due, ends inquiries that nobody answered in time, and keeps history in bounds.
//!
//! Safe with many copies: one leads by a lease in the store, and everything it does is idempotent anyway. Whatever
//! was announced and lost on the way is found here: the bus may lose messages, the store loses nothing.

mod admission;
mod agenda;
mod housekeeping;
mod leader;
mod metrics;
mod options;
mod recovery;
mod repeats;
mod service;

pub use options::SchedulerOptions;
pub use service::start;
