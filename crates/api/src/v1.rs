//! `/v1`: a module for each resource, a file for each operation. Each resource lists its own operations.

use crate::operations::Operations;

mod actionalias;
mod actions;
mod aliasexecution;
mod config_schemas;
mod configs;
mod executions;
mod inquiries;
mod keys;
mod packs;
mod policies;
mod policytypes;
mod ruleenforcements;
mod rules;
mod ruletypes;
mod runnertypes;
mod sensors;
mod sensortypes;
mod service_registry;
mod streams;
mod timers;
mod traces;
mod triggerinstances;
mod triggers;
mod triggertypes;
mod user;
mod webhooks;
mod workflows;

pub(crate) fn operations(operations: Operations) -> Operations {
    let resources = [
        actionalias::operations,
        actions::operations,
        aliasexecution::operations,
        config_schemas::operations,
        configs::operations,
        executions::operations,
        inquiries::operations,
        keys::operations,
        packs::operations,
        policies::operations,
        policytypes::operations,
        ruleenforcements::operations,
        rules::operations,
        ruletypes::operations,
        runnertypes::operations,
        sensors::operations,
        sensortypes::operations,
        service_registry::operations,
        streams::operations,
        timers::operations,
        traces::operations,
        triggerinstances::operations,
        triggers::operations,
        triggertypes::operations,
        user::operations,
        webhooks::operations,
        workflows::operations,
    ];
    resources
        .into_iter()
        .fold(operations, |operations, resource| resource(operations))
}
