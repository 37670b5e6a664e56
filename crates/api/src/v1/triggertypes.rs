//! `/v1/triggertypes`: kinds of events.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod create;
mod delete;
mod get;
mod list;
mod shadow;
mod update;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "ref",
        "name",
        "pack",
        "description",
        "tags",
        "payload_schema",
        "parameters_schema",
        "metadata_file",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::TriggerTypeList, routes!(list::handle))
        .add(Permission::TriggerTypeView, routes!(get::handle))
        .add(Permission::TriggerTypeCreate, routes!(create::handle))
        .add(Permission::TriggerTypeModify, routes!(update::handle))
        .add(Permission::TriggerTypeDelete, routes!(delete::handle))
}
