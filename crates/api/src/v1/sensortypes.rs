//! `/v1/sensortypes`: what watches the outside.

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
        "ref",
        "name",
        "pack",
        "description",
        "artifact_uri",
        "entry_point",
        "trigger_types",
        "poll_interval",
        "enabled",
        "metadata_file",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::SensorTypeList, routes!(list::handle))
        .add(Permission::SensorTypeView, routes!(get::handle))
        .add(Permission::SensorTypeModify, routes!(update::handle))
}
