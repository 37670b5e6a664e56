#![doc = include_str!("../README.md")]

mod definition;
mod inspect;
mod lent;
mod run;
mod status;
mod templates;

pub use definition::{Chain, ChainError, Task};
pub use inspect::{Finding, Severity, inspect};
pub use lent::{Inputs, Surroundings};
pub use run::{Changes, NotExpected, Refusal, Report, Request, RestoreError, Run, Step, TaskRun};
pub use status::{Status, UnknownStatus};
