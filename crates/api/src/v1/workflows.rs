//! `/v1/workflows`: workflows that are being written.

use utoipa_axum::routes;

use crate::operations::{Access, Operations};

mod inspect;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations.open_to(Access::Known, routes!(inspect::handle))
}
