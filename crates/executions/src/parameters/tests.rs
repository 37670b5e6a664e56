//! Replays the recorded vectors of the real engine.

use std::path::PathBuf;
use std::sync::Arc;

use expr::{Datastore, Scope, Variables};
use schema::Schema;
use serde_json::{Value, json};

use super::*;

/// The share of `params.jsonl` (all but `validate`, which is the crate `schema`'s) that must agree, in percent.
const FLOOR: usize = 99;

#[derive(Debug)]
struct Memory {
    system: Object,
    user: Object,
}

impl Datastore for Memory {
    fn get(&self, scope: Scope, name: &str) -> Option<String> {
        let items = if scope == Scope::System {
            &self.system
        } else {
            &self.user
        };
        items.get(name).and_then(Value::as_str).map(str::to_owned)
    }

    fn decrypt(&self, _: &str) -> Result<String, String> {
        Err("there is no key here".to_owned())
    }
}

fn object(value: &Value) -> Object {
    value.as_object().cloned().unwrap_or_default()
}

fn variables(vector: &Value) -> Variables {
    let context = &vector["action_context"];
    let user = context["api_user"]
        .as_str()
        .or(context["user"].as_str())
        .unwrap_or("stanley");
    let memory = Memory {
        system: object(&vector["kv"]["system"]),
        user: object(&vector["kv"]["user"][user]),
    };
    let mut values = vec![
        (
            "action_context".to_owned(),
            Value::Object(object(context)).into(),
        ),
        (
            "config_context".to_owned(),
            Value::Object(object(&vector["config"])).into(),
        ),
    ];
    values.extend(
        object(&vector["additional_contexts"])
            .into_iter()
            .map(|(name, value)| (name, value.into())),
    );
    Variables {
        values,
        datastore: Some(Arc::new(memory)),
    }
}

fn run(vector: &Value) -> Result<Value, ParameterError> {
    let (runner, action) = (
        object(&vector["runner_parameters"]),
        object(&vector["action_parameters"]),
    );
    let params = object(&vector["params"]);
    let variables = variables(vector);
    match vector["op"].as_str().unwrap() {
        "cast" => cast(&vector["value"], &json!({"type": vector["type"]})),
        "live" => render_live(&runner, &action, &params, &variables).map(Value::Object),
        "final" => render_final(&runner, &action, &params, &variables)
            .map(|done| json!([done.runner, done.action])),
        "finalized" => {
            let live = render_live(&runner, &action, &params, &variables)?;
            render_final(&runner, &action, &live, &variables)
                .map(|done| json!([done.runner, done.action]))
        }
        _ => request(&runner, &action, &params, &variables),
    }
}

fn request(
    runner: &Object,
    action: &Object,
    params: &Object,
    variables: &Variables,
) -> Result<Value, ParameterError> {
    let live = render_live(runner, action, params, variables)?;
    let schema = Schema::compile_parameters(runner, action)
        .map_err(|error| ParameterError::BadSchema(error.to_string()))?;
    let checked = schema.validate(&Value::Object(live.clone()));
    checked.map_err(|error| ParameterError::Schema {
        message: error.message,
    })?;
    let defaults = Defaults::compile(runner, action);
    let immutable: Vec<String> = live
        .keys()
        .filter(|name| defaults.is_immutable(name))
        .cloned()
        .collect();
    if !immutable.is_empty() {
        return Err(ParameterError::Immutable(immutable));
    }
    let done = render_final(runner, action, &live, variables)?;
    Ok(json!({"live": live, "runner": done.runner, "action": done.action}))
}

fn kinds(error: &ParameterError) -> &'static [&'static str] {
    match error {
        ParameterError::Cast { .. } => &["cast", "type"],
        ParameterError::Dependency { .. } => &["dependency"],
        ParameterError::Cycle(_) => &["cycle"],
        ParameterError::Render { .. } => &["render"],
        ParameterError::Schema { .. } => &["schema"],
        ParameterError::BadSchema(_) => &["bad_schema", "override"],
        ParameterError::Immutable(_) => &["immutable"],
        ParameterError::Sealed { .. } | ParameterError::Datastore(_) => &["other"],
    }
}

fn agrees(vector: &Value) -> Result<(), String> {
    let expected = &vector["error"]["kind"];
    match run(vector) {
        Ok(got) if expected.is_null() && got == vector["result"] => Ok(()),
        Err(error)
            if expected
                .as_str()
                .is_some_and(|kind| kinds(&error).contains(&kind)) =>
        {
            Ok(())
        }
        // JSON lacks sets, bytes and infinities; they are refused.
        Err(ParameterError::Cast { .. }) if vector["result"].to_string().contains("\"$type\"") => {
            Ok(())
        }
        other => Err(format!("{vector}: {other:?}")),
    }
}

#[test]
fn parameters_agree_with_the_recordings() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/params/params.jsonl");
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: {} is absent", file.display());
        return;
    };
    let vectors = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let vectors: Vec<Value> = vectors
        .filter(|vector| vector["op"] != "validate")
        .collect();

    let failures: Vec<String> = vectors
        .iter()
        .filter_map(|vector| agrees(vector).err())
        .collect();

    let passed = vectors.len() - failures.len();
    for failure in &failures {
        eprintln!("{failure}");
    }
    eprintln!("params {passed}/{}", vectors.len());
    assert!(
        passed * 100 >= vectors.len() * FLOOR,
        "{passed} of {} agree, {FLOOR} % are wanted",
        vectors.len()
    );
}
