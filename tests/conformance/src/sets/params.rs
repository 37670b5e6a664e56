//! `params.jsonl`: parameters rendered, cast, checked and split.

use executions::{ParameterError, cast, render_final, render_live};
use expr::Variables;
use model::Object;
use schema::{Schema, SchemaError};
use serde_json::{Value, json};

use super::memory::Memory;
use crate::{Answer, Case, Failure};

/// Whose datastore it is where a context names nobody.
const SYSTEM_USER: &str = "stanley";

struct Inputs {
    runner: Object,
    action: Object,
    given: Object,
    variables: Variables,
}

pub(super) fn answer(case: &Case) -> Answer {
    if case.text("op") == "cast" {
        return cast(case.get("value"), &json!({ "type": case.get("type") })).map_err(failure);
    }
    let inputs = Inputs {
        runner: case.object("runner_parameters"),
        action: case.object("action_parameters"),
        given: case.object("params"),
        variables: variables(case),
    };
    match case.text("op") {
        "live" => inputs.live().map(Value::Object),
        "final" => inputs.complete(&inputs.given),
        "finalized" => inputs.complete(&inputs.live()?),
        "validate" => inputs.validate(&Value::Object(inputs.given.clone())),
        "request" => inputs.request(),
        _ => Err(Failure::malformed("known `op`")),
    }
}

impl Inputs {
    fn live(&self) -> Result<Object, Failure> {
        render_live(&self.runner, &self.action, &self.given, &self.variables).map_err(failure)
    }

    fn complete(&self, given: &Object) -> Answer {
        let done =
            render_final(&self.runner, &self.action, given, &self.variables).map_err(failure)?;
        Ok(json!([done.runner, done.action]))
    }

    fn validate(&self, instance: &Value) -> Answer {
        let schema = Schema::compile_parameters(&self.runner, &self.action).map_err(|error| {
            let kinds: &[&str] = match error {
                SchemaError::Override { .. } => &["override"],
                SchemaError::TupleItems { .. } => &["other"],
                _ => &["bad_schema"],
            };
            Failure::new(kinds, error)
        })?;
        schema.validate(instance).map_err(|error| Failure {
            place: Some(json!({ "validator": error.validator, "path": error.path })),
            ..Failure::new(&["schema"], error)
        })
    }

    fn request(&self) -> Answer {
        let live = self.live()?;
        self.validate(&Value::Object(live.clone()))?;
        let is_immutable = |name: &String| {
            let schemas = [&self.action, &self.runner];
            schemas
                .iter()
                .any(|schema| schema.get(name).is_some_and(|one| one["immutable"] == true))
        };
        let refused: Vec<String> = live
            .keys()
            .filter(|name| is_immutable(name))
            .cloned()
            .collect();
        if !refused.is_empty() {
            return Err(failure(ParameterError::Immutable(refused)));
        }
        let done =
            render_final(&self.runner, &self.action, &live, &self.variables).map_err(failure)?;
        Ok(json!({ "live": live, "runner": done.runner, "action": done.action }))
    }
}

fn variables(case: &Case) -> Variables {
    let context = case.object("action_context");
    let user = ["api_user", "user"]
        .iter()
        .find_map(|name| context.get(*name)?.as_str());
    let own = [
        ("action_context".to_owned(), Value::Object(context.clone())),
        (
            "config_context".to_owned(),
            Value::Object(case.object("config")),
        ),
    ];
    let all = own.into_iter().chain(case.object("additional_contexts"));
    Variables {
        values: all.map(|(name, value)| (name, value.into())).collect(),
        datastore: Some(Memory::of_scopes(
            case.get("kv"),
            Some(user.unwrap_or(SYSTEM_USER)),
        )),
    }
}

fn failure(error: ParameterError) -> Failure {
    let kinds: &[&str] = match &error {
        ParameterError::Cast { .. } => &["cast", "type"],
        ParameterError::Dependency { .. } => &["dependency"],
        ParameterError::Cycle(_) => &["cycle"],
        ParameterError::Render { .. } => &["render"],
        ParameterError::Schema { .. } => &["schema"],
        ParameterError::BadSchema(_) => &["bad_schema"],
        ParameterError::Immutable(_) => &["immutable"],
        _ => &["other"],
    };
    Failure::new(kinds, error)
}
