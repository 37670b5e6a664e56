//! Takes trigger instances in: finds their trigger, checks their payload, stores them in groups, announces them.
//!
//! Once [`Intake::accept`] returns, what happened is stored: the sender may be told so.

mod accept;
mod table;

pub use accept::{Event, Intake, IntakeError, IntakeOptions, Target, TraceRequest};
pub use table::TriggerTable;
