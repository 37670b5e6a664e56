//! From an alias and what was said to the executions it asks for.

use std::sync::Arc;

use alias::{Parameters, split_array, with_immutable};
use auth::Caller;
use executions::ExecutionRequest;
use expr::{ValuesTemplate, Variables};
use model::{Action, ActionAlias, AuditAction, Object, RunnerType};
use serde_json::{Value, json};

use super::acknowledgement;
use super::speaker::Speaker;
use crate::projection::Projection;
use crate::{Api, ApiError, view};

/// One line of chat may ask for so many executions.
const MOST: usize = 100;

/// What was said, by whom.
#[derive(Debug)]
pub(super) struct Command<'a> {
    pub(super) alias: Arc<ActionAlias>,
    /// A set of parameters for each execution.
    pub(super) parameters: Vec<Parameters>,
    pub(super) speaker: Speaker,
    pub(super) caller: &'a Caller,
    pub(super) show_secrets: bool,
}

/// Requests the executions, all or none, and gives for each what chat is to know: `execution`, `actionalias`, and
/// `message` and `extra` as the alias's `ack` words them.
pub(super) async fn execute(api: &Api, command: Command<'_>) -> Result<Vec<Value>, ApiError> {
    let Command {
        alias,
        parameters,
        speaker,
        caller,
        show_secrets,
    } = command;
    if parameters.len() > MOST {
        let asked = parameters.len();
        return Err(ApiError::BadRequest(format!(
            "The command asks for {asked} executions at once, but at most {MOST} are allowed; say less at a time"
        )));
    }
    let immutable = immutable(api, &alias, &speaker, caller).await?;
    let parameters = with_immutable(parameters, &immutable)
        .map_err(|error| ApiError::BadRequest(error.to_string()))?;
    let schemas = schemas(api, &alias.action_ref).await?;
    let request = |parameters: Parameters| ExecutionRequest {
        action: alias.action_ref.clone(),
        parameters: with_arrays(parameters, &schemas),
        context: speaker.context(&alias, caller),
        delay: None,
        notify: speaker.notify(),
        variables: Vec::new(),
    };
    let requests = parameters.into_iter().map(request).collect();
    let executions = api.executions.request_all(requests).await?;
    let mut results = Vec::with_capacity(executions.len());
    for execution in executions {
        api.record(caller, AuditAction::Execute, "action", &alias.action_ref)
            .await;
        let shown = view::execution(api, execution, &Projection::All, show_secrets).await?;
        let mut result = Object::new();
        result.insert("execution".to_owned(), shown);
        result.insert("actionalias".to_owned(), json!(*alias));
        acknowledgement::add(&mut result, &alias.ack);
        results.push(Value::Object(result));
    }
    Ok(results)
}

/// The parameters that the alias fixes, rendered: templates may name the datastore and where the command comes from.
async fn immutable(
    api: &Api,
    alias: &ActionAlias,
    speaker: &Speaker,
    caller: &Caller,
) -> Result<Object, ApiError> {
    if alias.immutable_parameters.is_empty() {
        return Ok(Object::new());
    }
    let unfit = |error: expr::TemplateError| {
        let alias = &alias.alias_ref;
        ApiError::BadRequest(format!(
            "The immutable parameters of the alias \"{alias}\" cannot be rendered: {error}"
        ))
    };
    let template = ValuesTemplate::compile(&alias.immutable_parameters).map_err(unfit)?;
    let user = caller.user.as_str();
    let datastore = api
        .executions
        .datastore(&template.datastore(), user)
        .await?;
    let origin = speaker.origin(alias);
    let mut values: Vec<_> = origin
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    values.push(("user".to_owned(), json!(user).into()));
    let variables = Variables {
        values,
        datastore: Some(datastore),
    };
    template.render(&variables).map_err(unfit)
}

/// The schemas of the action's parameters, its own before its runner's.
async fn schemas(api: &Api, action_ref: &str) -> Result<Object, ApiError> {
    let action: Option<Action> = api.store.find(action_ref).await?;
    let action = action
        .ok_or_else(|| ApiError::NotFound(format!("Action with ref \"{action_ref}\" not found")))?;
    let runner: Option<RunnerType> = api.store.find(&action.runner_type).await?;
    let mut schemas = runner.map_or_else(Object::new, |runner| runner.runner_parameters);
    schemas.extend(action.parameters);
    Ok(schemas)
}

/// The text of an array means its items, separated by commas; other types are cast as for every execution.
fn with_arrays(mut parameters: Parameters, schemas: &Object) -> Parameters {
    for (name, value) in &mut parameters {
        let is_array = schemas
            .get(name)
            .is_some_and(|schema| schema["type"] == "array");
        if let (true, Value::String(text)) = (is_array, &*value) {
            *value = json!(split_array(text));
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_of_arrays_are_split() {
        let object = |value: Value| value.as_object().unwrap().clone();
        let schemas = object(json!({ "hosts": { "type": "array" }, "cmd": { "type": "string" } }));
        let given = object(json!({ "hosts": "a, b", "cmd": "c, d", "other": "e, f" }));

        assert_eq!(
            json!(with_arrays(given, &schemas)),
            json!({ "hosts": ["a", "b"], "cmd": "c, d", "other": "e, f" })
        );
        assert_eq!(
            json!(with_arrays(object(json!({ "hosts": ["a, b"] })), &schemas)),
            json!({ "hosts": ["a, b"] })
        );
    }
}
