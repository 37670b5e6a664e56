//! `/v1`: a module for each resource, a file for each operation. Each resource lists its own operations.

use crate::operations::Operations;

mod actions;
mod executions;
mod keys;
mod ruleenforcements;
mod runnertypes;
mod streams;
mod traces;
mod triggerinstances;
mod user;
mod webhooks;

pub(crate) fn operations(operations: Operations) -> Operations {
    let resources = [
        actions::operations,
        executions::operations,
        keys::operations,
        ruleenforcements::operations,
        runnertypes::operations,
        streams::operations,
        traces::operations,
        triggerinstances::operations,
        user::operations,
        webhooks::operations,
    ];
    resources
        .into_iter()
        .fold(operations, |operations, resource| resource(operations))
}
