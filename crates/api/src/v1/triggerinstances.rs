//! `/v1/triggerinstances`: what happened.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;
mod re_emit;

const ATTRIBUTES: Attributes = Attributes {
    names: &["id", "trigger", "payload", "occurrence_time", "status"],
    excludable: None,
    whole: &[],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::TriggerInstanceList, routes!(list::handle))
        .add(Permission::TriggerInstanceView, routes!(get::handle))
        .add(Permission::TriggerInstanceReEmit, routes!(re_emit::handle))
}
