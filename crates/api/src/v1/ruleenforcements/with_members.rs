//! Puts trigger instance and execution into enforcements.

use std::collections::HashMap;

use futures::{StreamExt, TryStreamExt, stream};
use model::{ExecutionId, Page, RuleEnforcement};
use serde_json::Value;
use store::ExecutionFilter;

use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// How many trigger instances are looked up at a time.
const AT_A_TIME: usize = 8;
/// The members that StackStorm shows of the execution.
const MEMBERS: [&str; 6] = [
    "action.ref",
    "action.parameters",
    "runner.name",
    "runner.runner_parameters",
    "parameters",
    "status",
];

/// The views of these enforcements, in their order.
pub(super) async fn with_members(
    api: &Api,
    enforcements: &[RuleEnforcement],
) -> Result<Vec<Value>, ApiError> {
    let executions = executions(api, enforcements).await?;
    let views: Vec<_> = enforcements
        .iter()
        .map(|one| with_instance(api, one, &executions))
        .collect();
    stream::iter(views).buffered(AT_A_TIME).try_collect().await
}

async fn with_instance(
    api: &Api,
    enforcement: &RuleEnforcement,
    executions: &HashMap<ExecutionId, Value>,
) -> Result<Value, ApiError> {
    let mut members = view::enforcement(enforcement);
    if let Some(instance) = api
        .store
        .trigger_instance(enforcement.trigger_instance_id)
        .await?
    {
        members.insert(
            "trigger_instance".to_owned(),
            view::trigger_instance(&instance),
        );
    }
    if let Some(execution) = enforcement.execution_id.and_then(|id| executions.get(&id)) {
        members.insert("execution".to_owned(), execution.clone());
    }
    Ok(Value::Object(members))
}

async fn executions(
    api: &Api,
    enforcements: &[RuleEnforcement],
) -> Result<HashMap<ExecutionId, Value>, ApiError> {
    let ids: Vec<ExecutionId> = enforcements
        .iter()
        .filter_map(|one| one.execution_id)
        .collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let page = Page {
        limit: u32::try_from(ids.len()).unwrap_or(u32::MAX),
        offset: 0,
    };
    let filter = ExecutionFilter {
        ids: Some(ids),
        ..ExecutionFilter::default()
    };
    let found = api.store.executions(&filter, page).await?.items;
    let ids: Vec<ExecutionId> = found.iter().map(|execution| execution.id).collect();
    let wanted = Projection::Only(
        MEMBERS
            .into_iter()
            .chain(["start_timestamp"])
            .map(str::to_owned)
            .collect(),
    );
    let views = view::executions(api, found, &wanted, false).await?;
    Ok(ids
        .into_iter()
        .zip(views.into_iter().map(|view| wanted.apply(view)))
        .collect())
}
