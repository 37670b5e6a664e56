//! The API through its real router, on a real store, with a clock that is moved by hand.

mod access;
mod executions;
mod harness;
mod keys;
mod paths;
mod streams;
mod webhooks;
