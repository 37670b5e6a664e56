//! What is wrong with a workflow before it runs: in its own text, and in what it asks of actions.

use std::collections::BTreeSet;

use conductor::{Call, Inspection};
use model::{ActionSnapshot, Object, Reference};
use serde_json::{Value, json};
use store::StoreError;

use crate::plan::Freshness;
use crate::{Executions, RequestError};

/// Where tasks stand in the schema of workflows.
const TASK: &str = "properties.tasks.patternProperties.^\\w+$.properties";

impl Executions {
    /// Inspects the text of a workflow of Orquesta's, `names` being variables that are set before it begins. Gives what
    /// is wrong in StackStorm's form, by type and path; nothing where all is well.
    pub async fn inspect_workflow(
        &self,
        text: &str,
        names: &[&str],
    ) -> Result<Vec<Value>, StoreError> {
        self.inspect_with(&conductor::inspect(text, names)).await
    }

    /// As [`Executions::inspect_workflow`], where the text itself was inspected before: actions come and go, texts do
    /// not change.
    pub async fn inspect_with(&self, inspection: &Inspection) -> Result<Vec<Value>, StoreError> {
        let mut errors: Vec<Value> = match inspection.flattened() {
            Value::Array(errors) => errors,
            _ => Vec::new(),
        };
        for call in inspection.calls() {
            errors.extend(self.inspect_call(call).await?);
        }
        // Stable: what has the same path stays in the order of the tasks.
        errors.sort_by(|one, other| order(one).cmp(&order(other)));
        Ok(errors)
    }

    async fn inspect_call(&self, call: &Call) -> Result<Vec<Value>, StoreError> {
        let Call { task, action, .. } = call;
        let wrong = |message: String| {
            Ok(vec![content(
                &message,
                &format!("tasks.{task}.action"),
                &format!("{TASK}.action"),
            )])
        };
        if action.parse::<Reference>().is_err() {
            return wrong(format!(
                "The action reference \"{action}\" is not formatted correctly."
            ));
        }
        match self.registered(action, Freshness::Recent).await {
            Ok(live) => Ok(wrong_inputs(call, &live.plan.snapshot)),
            Err(RequestError::Store(error)) => Err(error),
            Err(_) => wrong(format!(
                "The action \"{action}\" is not registered in the database."
            )),
        }
    }
}

fn wrong_inputs(call: &Call, snapshot: &ActionSnapshot) -> Vec<Value> {
    let Call {
        task,
        action,
        inputs,
    } = call;
    let Some(inputs) = inputs else {
        return Vec::new();
    };
    let (ours, runners) = (
        &snapshot.action.parameters,
        &snapshot.runner.runner_parameters,
    );
    let parameters: BTreeSet<&String> = runners.keys().chain(ours.keys()).collect();
    let missing = parameters.iter().filter(|name| {
        let schema = ours
            .get(name.as_str())
            .or_else(|| runners.get(name.as_str()));
        schema.and_then(Value::as_object).is_some_and(is_needed) && !inputs.contains(name)
    });
    let missing = missing.map(|name| {
        content(
            &format!("Action \"{action}\" is missing required input \"{name}\"."),
            &format!("tasks.{task}.input"),
            &format!("{TASK}.input"),
        )
    });
    let given: BTreeSet<&String> = inputs.iter().collect();
    let unexpected = given.difference(&parameters).map(|name| {
        content(
            &format!("Action \"{action}\" has unexpected input \"{name}\"."),
            &format!("tasks.{task}.input.{name}"),
            &format!("{TASK}.input.patternProperties.^\\w+$"),
        )
    });
    missing.chain(unexpected).collect()
}

/// Whether a caller must give the parameter.
fn is_needed(schema: &Object) -> bool {
    let is_required = schema.get("required").and_then(Value::as_bool);
    is_required == Some(true) && !schema.contains_key("default")
}

fn content(message: &str, spec_path: &str, schema_path: &str) -> Value {
    json!({
        "type": "content", "message": message, "spec_path": spec_path, "schema_path": schema_path,
    })
}

fn order(error: &Value) -> (Option<&str>, Option<&str>) {
    (error["type"].as_str(), error["schema_path"].as_str())
}
