//! What stands beside the versioned API: versions, health, metrics, the `OpenAPI` document.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::{Access, Operations};

mod health;
mod index;
mod metrics;
pub(crate) mod openapi;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .open_to(Access::Anybody, routes!(index::root))
        .open_to(Access::Anybody, routes!(index::v1))
        .open_to(Access::Anybody, routes!(health::handle))
        .open_to(Access::Anybody, routes!(openapi::handle))
        .add(Permission::MetricsView, routes!(metrics::handle))
}
