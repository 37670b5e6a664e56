//! `/v1/policies`: limits on how executions run.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod create;
mod delete;
mod get;
mod list;
mod update;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "ref",
        "name",
        "pack",
        "description",
        "enabled",
        "resource_ref",
        "policy_type",
        "parameters",
        "metadata_file",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::PolicyList, routes!(list::handle))
        .add(Permission::PolicyView, routes!(get::handle))
        .add(Permission::PolicyCreate, routes!(create::handle))
        .add(Permission::PolicyModify, routes!(update::handle))
        .add(Permission::PolicyDelete, routes!(delete::handle))
}
