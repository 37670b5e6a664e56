//! The API through its real router, on a real store, with a clock that is moved by hand.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

mod access;
mod aliases;
mod archives;
mod definitions;
mod executions;
mod harness;
mod histories;
mod inquiries;
mod keys;
mod packs;
mod paths;
mod streams;
mod webhooks;
mod workflows;
