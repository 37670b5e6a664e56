//! `/v1/actions`: what can be run.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "ref",
        "name",
        "pack",
        "description",
        "enabled",
        "entry_point",
        "runner_type",
        "parameters",
        "output_schema",
        "notify",
        "tags",
        "metadata_file",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::ActionList, routes!(list::handle))
        .add(Permission::ActionView, routes!(get::handle))
}
