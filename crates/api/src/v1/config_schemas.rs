//! `/v1/config_schemas`: what packs can be configured with.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;

const ATTRIBUTES: Attributes = Attributes {
    names: &["id", "pack", "attributes"],
    excludable: None,
    whole: &["attributes"],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::ConfigSchemaList, routes!(list::handle))
        .add(Permission::ConfigSchemaView, routes!(get::handle))
}
