//! `/v1/service_registry`: the groups of services that registered themselves. Petrel's roles find one another through
//! the store, so there are none; StackStorm answers the same where it runs without a coordinator.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;

mod groups;
mod members;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::ServiceRegistryList, routes!(groups::handle))
        .add(Permission::ServiceRegistryView, routes!(members::handle))
}
