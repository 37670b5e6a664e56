//! Agreement with what st2 answers: the operation `validate` of the recorded parameter vectors.

#![expect(
    clippy::unwrap_used,
    reason = "a broken vector file must fail the test"
)]

use std::path::Path;

use schema::{Schema, SchemaError};
use serde_json::{Value, json};

/// The outcome of a vector in its own form: `{result}` or `{error: {kind, validator, path}}`.
fn outcome(vector: &Value) -> Value {
    let runner = vector["runner_parameters"].as_object().unwrap();
    let action = vector["action_parameters"].as_object().unwrap();
    let kind = |kind: &str| json!({ "error": { "kind": kind } });
    match Schema::compile_parameters(runner, action) {
        Err(SchemaError::Override { .. }) => kind("override"),
        Err(SchemaError::TupleItems { .. }) => kind("other"),
        Err(_) => kind("bad_schema"),
        Ok(schema) => match schema.validate(&vector["params"]) {
            Ok(result) => json!({ "result": result }),
            Err(error) => {
                let message = error.message;
                json!({ "error": { "kind": "schema", "validator": error.validator, "path": error.path, "message": message } })
            }
        },
    }
}

fn agrees(vector: &Value, ours: &Value) -> bool {
    if vector.get("error").is_none() {
        return vector["result"] == ours["result"];
    }
    let (theirs, ours) = (&vector["error"], &ours["error"]);
    let is_schema = theirs["kind"] == "schema";
    let members: &[&str] = if is_schema {
        &["kind", "validator", "path", "message"]
    } else {
        &["kind"]
    };
    members
        .iter()
        .all(|member| theirs[*member] == ours[*member] || theirs.get(*member).is_none())
}

#[test]
fn agrees_with_the_recorded_vectors() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/params/params.jsonl");
    let Ok(lines) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: there are no vectors at {}", file.display());
        return;
    };

    let vectors = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let vectors: Vec<Value> = vectors
        .filter(|vector| vector["op"] == "validate")
        .collect();
    let disagreeing: Vec<String> = vectors
        .iter()
        .filter(|vector| !agrees(vector, &outcome(vector)))
        .map(|vector| format!("{vector}\n   ours: {}", outcome(vector)))
        .collect();

    let agreeing = vectors.len() - disagreeing.len();
    eprintln!("validate {agreeing}/{}", vectors.len());
    assert!(disagreeing.is_empty(), "{}", disagreeing.join("\n"));
}
