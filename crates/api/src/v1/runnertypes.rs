//! `/v1/runnertypes`: the ways an action can be carried out.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;
mod update;

const ATTRIBUTES: Attributes = Attributes {
    names: &[
        "id",
        "uid",
        "name",
        "description",
        "enabled",
        "runner_package",
        "runner_module",
        "runner_parameters",
        "output_key",
        "output_schema",
        "query_module",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::RunnerTypeList, routes!(list::handle))
        .add(Permission::RunnerTypeView, routes!(get::handle))
        .add(Permission::RunnerTypeModify, routes!(update::handle))
}
