//! The conductor from outside: what it does with workflows, that nothing can upset it, and that it can be stored.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod guide;
mod properties;
mod semantics;
mod size;
mod stored;
mod support;
