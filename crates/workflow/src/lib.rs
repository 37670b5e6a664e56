//! Conducts workflows: feeds what has happened to the conductor, stores what it decides, requests what is next.
//!
//! A workflow is an execution whose runner is conducted. Whoever wins its row keeps its state in memory and holds it
//! by a lease; each step (several ends, all that follows from them) is one transaction, shared with the steps of other
//! workflows that are due at the same time. When a process dies, another one takes its workflows over from the store
//! and asks what has become of the executions that they wait for. Deliberately absent: the language itself
//! (`conductor`, `chain`), and what runs the tasks (`action-runner`).

mod action_chain;
mod children;
mod definitions;
mod desk;
mod effects;
mod flow;
mod keeper;
mod learnt;
mod metrics;
mod options;
mod orquesta;
mod reach;
mod records;
mod service;
mod step;
mod surroundings;
mod takeover;
mod tasks;

pub use options::WorkflowOptions;
pub use service::{WorkflowResources, start};
