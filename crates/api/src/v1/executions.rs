//! `/v1/executions`: what ran, runs and shall run.

use auth::Permission;
use model::{Execution, Page};
use store::ExecutionFilter;
use utoipa_axum::routes;

use crate::extract::parse_id;
use crate::operations::Operations;
use crate::{Api, ApiError};

mod attribute;
mod cancel;
mod children;
pub(super) mod context;
mod create;
mod definition;
mod filter;
mod get;
mod list;
mod output;
mod re_run;
mod result;
mod update;
mod values;

pub(crate) fn operations(operations: Operations) -> Operations {
    operations
        .add(Permission::ExecutionList, routes!(list::handle))
        .add(Permission::ActionExecute, routes!(create::handle))
        .add(Permission::ExecutionView, routes!(get::handle))
        .add(Permission::ExecutionStop, routes!(update::handle))
        .add(Permission::ExecutionStop, routes!(cancel::handle))
        .add(Permission::ExecutionReRun, routes!(re_run::handle))
        .add(Permission::ExecutionView, routes!(output::handle))
        .add(Permission::ExecutionView, routes!(result::handle))
        .add(Permission::ExecutionView, routes!(definition::handle))
        .add(Permission::ExecutionView, routes!(attribute::handle))
        .add(Permission::ExecutionView, routes!(children::handle))
        .add(
            Permission::ExecutionViewsFiltersList,
            routes!(values::handle),
        )
}

/// The execution with this id, or the newest one for `last`; with its result.
pub(crate) async fn find(api: &Api, id: &str) -> Result<Execution, ApiError> {
    if id == "last" {
        return newest(api).await;
    }
    let found = api.store.execution(parse_id(id)?).await?;
    found.ok_or_else(|| ApiError::unknown_id(id))
}

async fn newest(api: &Api) -> Result<Execution, ApiError> {
    let filter = ExecutionFilter {
        with_results: true,
        ..ExecutionFilter::default()
    };
    let page = api
        .store
        .executions(
            &filter,
            Page {
                limit: 1,
                offset: 0,
            },
        )
        .await?;
    page.items
        .into_iter()
        .next()
        .ok_or_else(|| ApiError::bad_request("No executions found in the database"))
}
