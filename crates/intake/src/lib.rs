//! Takes trigger instances in: finds their trigger, checks their payload, stores them in groups, announces them.
//!
//! Once [`Intake::accept`] returns, what happened is stored: the sender may be told so. It decides nothing about
//! rules, and it never waits for the bus: an announcement that is lost costs delay, which the rules engine's sweep
//! makes good.

mod accept;
mod announce;
mod group;
mod live;
mod table;

pub use accept::{Event, Intake, IntakeError, IntakeOptions, Target, TraceRequest};
pub use table::TriggerTable;
