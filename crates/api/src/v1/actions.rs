//! `/v1/actions`: what can be run.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod clone;
mod create;
mod data_files;
mod delete;
mod entry_point;
mod get;
mod list;
mod output_schema;
mod overview;
mod overview_get;
mod parameters;
mod update;
mod yaml_text;

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
        .add(Permission::ActionCreate, routes!(create::handle))
        .add(Permission::ActionModify, routes!(update::handle))
        .add(Permission::ActionDelete, routes!(delete::handle))
        .add(Permission::ActionCreate, routes!(clone::handle))
        .add(Permission::ActionList, routes!(overview::handle))
        .add(Permission::ActionView, routes!(overview_get::handle))
        .add(Permission::ActionView, routes!(parameters::handle))
        .add(Permission::ActionView, routes!(entry_point::handle))
}
