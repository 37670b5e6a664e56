//! `/v1/rules`: when this happens, run that.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod create;
mod delete;
mod draft;
mod get;
mod list;
mod page;
mod update;
mod view_get;
mod view_list;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "ref",
        "name",
        "pack",
        "description",
        "tags",
        "type",
        "trigger",
        "criteria",
        "action",
        "context",
        "enabled",
        "metadata_file",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::RuleList, routes!(list::handle))
        .add(Permission::RuleList, routes!(view_list::handle))
        .add(Permission::RuleView, routes!(get::handle))
        .add(Permission::RuleView, routes!(view_get::handle))
        .add(Permission::RuleCreate, routes!(create::handle))
        .add(Permission::RuleModify, routes!(update::handle))
        .add(Permission::RuleDelete, routes!(delete::handle))
}
