//! `/v1/aliasexecution`: actions run by what is said in chat.

use auth::Permission;
use utoipa_axum::routes;

use crate::operations::Operations;

mod acknowledgement;
mod create;
mod execute;
mod match_and_execute;
mod speaker;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::ActionExecute, routes!(create::handle))
        .add(
            Permission::ActionExecute,
            routes!(match_and_execute::handle),
        )
}
