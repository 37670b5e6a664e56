//! `/v1/actionalias`: chat's ways to say an action.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod create;
mod delete;
mod get;
mod help;
mod list;
mod matching;
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
        "action_ref",
        "formats",
        "ack",
        "result",
        "extra",
        "immutable_parameters",
        "metadata_file",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::ActionAliasList, routes!(list::handle))
        .add(Permission::ActionAliasHelp, routes!(help::handle))
        .add(Permission::ActionAliasMatch, routes!(matching::handle))
        .add(Permission::ActionAliasView, routes!(get::handle))
        .add(Permission::ActionAliasCreate, routes!(create::handle))
        .add(Permission::ActionAliasModify, routes!(update::handle))
        .add(Permission::ActionAliasDelete, routes!(delete::handle))
}
