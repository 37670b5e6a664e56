//! The bus's promises, kept by both of its kinds.

#![expect(
    clippy::unwrap_used,
    reason = "what the tests share is test code too, outside of a function marked as a test"
)]

mod broker;
mod conformance;
mod rig;
