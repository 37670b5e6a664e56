//! `/v1`: a module for each resource, a file for each operation. Each resource lists its own operations.

use crate::operations::Operations;

mod actions;
mod runnertypes;

pub(crate) fn operations(operations: Operations) -> Operations {
    let operations = actions::operations(operations);
    runnertypes::operations(operations)
}
