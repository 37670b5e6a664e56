//! The stories: what users do with Petrel, on both backends. One binary, so that servers are shared.

mod aliases;
mod bad_input;
mod chaos;
mod client;
mod deployment;
mod events;
mod expr;
mod faults;
mod inquiries;
mod pack_management;
mod pack_shapes;
mod pack_walk;
mod packs;
mod page_commands;
mod policies;
mod python;
mod python_chaos;
mod python_packs;
mod recordings;
mod sensors;
mod timers;
mod tour;
mod workflow_authoring;
mod workflow_chaos;
mod workflows;

use stories::engine::Backend;

/// Makes a test of a story for each backend.
macro_rules! on_both_backends {
    ($($story:ident),* $(,)?) => {
        mod embedded {
            $(#[test] fn $story() -> anyhow::Result<()> { super::$story(crate::Backend::Embedded) })*
        }
        mod clustered {
            $(#[test] fn $story() -> anyhow::Result<()> { super::$story(crate::Backend::Clustered) })*
        }
    };
}
pub(crate) use on_both_backends;
