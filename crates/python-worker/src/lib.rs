//! What everybody needs who runs the Python of packs: the worker package, embedded, and which interpreter is a pack's.
//!
//! The only process that it starts is the one that builds virtualenvs. The worker's sources lie beside the action
//! runner's, in `crates/action-runner/python`.

mod environment;
mod interpreter;
mod pythons;
mod virtualenv;
mod worker;

pub use embedded::WriteError as WorkerError;
pub use environment::{inherited_environment, python_path};
pub use interpreter::Interpreter;
pub use pythons::Pythons;
pub use virtualenv::{Found, VirtualenvError, Virtualenvs, Wanted};
pub use worker::{write_out, written};
