//! `/v1/traces`: everything that one event led to.

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
        "trace_tag",
        "trigger_instances",
        "rules",
        "action_executions",
        "start_timestamp",
    ],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::TraceList, routes!(list::handle))
        .add(Permission::TraceView, routes!(get::handle))
}
