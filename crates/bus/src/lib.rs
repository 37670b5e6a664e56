//! Typed topics over AMQP and in process.
//!
//! The bus carries news fast; the store is the truth. Any message may be lost, repeated, late or out of order, and
//! whoever receives one first wins the row it speaks of. Announcing therefore never blocks the announcer for long and
//! never fails: what cannot be sent is found again by a sweep of the store.
//!
//! What runs in the background ends once every handle ([`Bus`], [`Worker`], [`Listener`]) was dropped and the last
//! announcements are confirmed, or at once when shutdown says stop.

mod amqp;
mod bus;
mod listener;
mod local;
mod losses;
mod message;
mod options;
mod worker;

pub use bus::{Bus, BusError};
pub use listener::Listener;
pub use message::{
    Announcement, CancelWanted, DefinitionsChanged, EventsStored, ExecutionsRequested,
    GatesChanged, Message, News, TaskChange, TasksChanged, WorkflowWanted, WorkflowsRequested,
};
pub use options::BusOptions;
pub use worker::{Delivery, Worker};
