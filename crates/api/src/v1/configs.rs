//! `/v1/configs`: what packs are configured with.

use auth::Permission;
use utoipa_axum::routes;

use crate::ApiError;
use crate::operations::Operations;
use crate::projection::Attributes;

mod get;
mod list;
mod put;

const ATTRIBUTES: Attributes = Attributes {
    names: &["id", "pack", "values"],
    excludable: None,
    whole: &["values"],
};

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::PackConfigList, routes!(list::handle))
        .add(Permission::PackConfigView, routes!(get::handle))
        .add(Permission::PackConfigModify, routes!(put::handle))
}

/// The 404 of a configuration.
fn unknown(pack: &str) -> ApiError {
    ApiError::NotFound(format!(
        "Unable to identify resource with pack_ref \"{pack}\"."
    ))
}
