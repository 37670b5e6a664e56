//! Typed topics over AMQP and in process.
//!
//! The bus carries news fast; the store is the truth. Any message may be lost, repeated, late or out of order, and
//! whoever receives one first wins the row it speaks of. Announcing therefore never blocks the announcer for long and
//! never fails: what cannot be sent is found again by a sweep of the store.

mod bus;
mod message;
mod options;

pub use bus::{Bus, BusError, Delivery, Listener, Worker};
pub use message::{Announcement, CancelWanted, DefinitionsChanged, EventsStored, ExecutionsRequested, Message, News};
pub use options::BusOptions;
