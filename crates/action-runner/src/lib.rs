//! Runs actions: claims requested executions, carries them out, streams their output, stores their results.
//!
//! The service is a thin loop over pure modules. Runner types that this version does not have end an execution as
//! failed and say so. Deliberately absent: deciding whether an execution may run (the store's claim does) and
//! recovering the executions of a runner that died (the scheduler does).

mod announcement;
mod backlog;
mod capture;
mod claim;
mod finisher;
mod group;
mod held;
mod http;
mod identity;
mod inquirer;
mod keeper;
mod local;
mod masking;
mod metrics;
mod options;
mod output;
mod packs;
mod process;
mod python;
mod revision;
mod run;
mod service;
mod supervise;

pub use options::{PythonLimits, PythonOptions, RunnerOptions};
pub use service::start;
