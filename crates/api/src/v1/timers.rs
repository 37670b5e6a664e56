//! `/v1/timers`: the triggers that time itself sets off.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;

mod get;
mod list;

/// The trigger types of timers.
const TYPES: [&str; 3] = [
    "core.st2.IntervalTimer",
    "core.st2.DateTimer",
    "core.st2.CronTimer",
];

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::TimerList, routes!(list::handle))
        .add(Permission::TimerView, routes!(get::handle))
}
