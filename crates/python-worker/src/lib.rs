//! What everybody needs who runs the Python of packs: the worker package, embedded, and which interpreter is a pack's.
//!
//! It starts no process. The worker's sources lie beside the action runner's, in `crates/action-runner/python`.

mod environment;
mod interpreter;
mod pythons;
mod worker;

pub use environment::{inherited_environment, python_path};
pub use interpreter::{Interpreter, InterpreterError};
pub use pythons::Pythons;
pub use worker::{WorkerError, write_out, written};
