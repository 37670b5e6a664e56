//! The bus's promises, kept by both of its kinds.

mod broker;
mod conformance;
mod rig;
