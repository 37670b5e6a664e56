//! The runner `announcement`, as st2's `announcement_runner` package: a message to everybody on the event stream.

use executions::Executions;
use model::ExecutionStatus;
use serde_json::Value;

use crate::run::{Assignment, Ended, Failure};

/// Tells the streams the action's parameters on the route that the runner's parameter names.
pub(crate) async fn run(
    assignment: &Assignment<'_>,
    executions: &Executions,
) -> Result<Ended, Failure> {
    let Assignment {
        execution,
        parameters,
        ..
    } = assignment;
    if parameters.runner.get("experimental") != Some(&Value::Bool(true)) {
        return Err(Failure::new(format!(
            "Experimental flag is missing for action {}",
            execution.action_ref
        )));
    }
    let route = parameters.runner.get("route").and_then(Value::as_str);
    let route = route
        .filter(|route| !route.is_empty() && !route.contains(char::is_control))
        .ok_or_else(|| Failure::new("the parameter `route` must be a text in one line"))?;
    let told = executions
        .broadcast(execution, route, parameters.action.clone())
        .await
        .map_err(|error| Failure::of(&error))?;
    Ok(Ended::Told(ExecutionStatus::Succeeded, told))
}
