//! `/v1/sensors`: where sensors run. `StackStorm` has nothing like it.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;

mod status;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations.add(Permission::SensorTypeList, routes!(status::handle))
}
