//! The harness behind the stories: what drives Petrel from outside, and the servers that it needs.

pub mod author;
pub mod engine;
pub mod published;
pub mod servers;
pub mod st2;
