//! What an execution answers: the rule, trigger and trigger instance behind it, looked up for its view.

use model::{Execution, Object, Reference, Rule, TriggerInstanceStatus};
use serde_json::{Value, json};

use super::trigger_instance;
use crate::projection::Projection;
use crate::{Api, ApiError};

/// The members `trigger`, `trigger_type`, `trigger_instance` and `rule` of an execution's view, as far as they are
/// wanted. What was deleted since is shown by what the execution remembers of it.
pub(super) async fn members(
    api: &Api,
    execution: &Execution,
    wanted: &Projection,
) -> Result<Object, ApiError> {
    let mut members = Object::new();
    if let Some(origin) = &execution.context.trigger_instance {
        let table = api.intake.triggers();
        if wanted.wants("trigger") {
            let trigger = table
                .triggers
                .get(&origin.trigger)
                .map(serde_json::to_value)
                .transpose()?;
            members.insert(
                "trigger".to_owned(),
                trigger.unwrap_or_else(|| named(&origin.trigger)),
            );
        }
        if wanted.wants("trigger_type") {
            let kind = table
                .types
                .get(&origin.trigger_type)
                .map(serde_json::to_value)
                .transpose()?;
            members.insert(
                "trigger_type".to_owned(),
                kind.unwrap_or_else(|| named(&origin.trigger_type)),
            );
        }
    }
    if wanted.wants("trigger_instance")
        && let Some(instance) = instance(api, execution).await?
    {
        members.insert("trigger_instance".to_owned(), instance);
    }
    if wanted.wants("rule")
        && let Some(rule) = rule(api, execution).await?
    {
        members.insert("rule".to_owned(), rule);
    }
    Ok(members)
}

/// The trigger instance as it was when the execution was requested: being processed.
async fn instance(api: &Api, execution: &Execution) -> Result<Option<Value>, ApiError> {
    let Some(origin) = &execution.context.trigger_instance else {
        return Ok(None);
    };
    let Some(mut instance) = api.store.trigger_instance(origin.id).await? else {
        return Ok(Some(json!({"id": origin.id, "trigger": origin.trigger})));
    };
    instance.status = TriggerInstanceStatus::Processing;
    instance.status_reason = None;
    Ok(Some(trigger_instance(&instance)))
}

async fn rule(api: &Api, execution: &Execution) -> Result<Option<Value>, ApiError> {
    let Some(origin) = &execution.context.rule else {
        return Ok(None);
    };
    let stored: Option<Rule> = api.store.find(&origin.id.to_string()).await?;
    Ok(Some(match stored {
        Some(rule) => serde_json::to_value(rule)?,
        None => json!({"id": origin.id, "name": origin.name, "ref": origin.rule_ref}),
    }))
}

fn named(reference: &str) -> Value {
    match reference.parse::<Reference>() {
        Ok(parsed) => json!({"ref": reference, "pack": parsed.pack(), "name": parsed.name()}),
        Err(_) => json!({"ref": reference}),
    }
}
