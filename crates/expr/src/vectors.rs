//! Replays what the Python implementations answered.

mod compare;
mod replay;

use std::path::PathBuf;

use diagnostic::Kind;
use pyvalue::{Budget, Limits, Value};

use compare::agree;

/// What a case gave: a value, or the kind of an error and its text.
type Answer = Result<Value, (Kind, String)>;

/// Replays a file; more than `permille` of its cases must agree.
fn replay_file(name: &str, permille: usize, run: fn(&Value) -> Answer) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance")
        .join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        eprintln!("SKIPPED: {} is absent", file.display());
        return;
    };
    let mut total = 0;
    let mut failures = Vec::new();
    for line in text.lines() {
        let vector = pyvalue::json::parse(line, &Budget::new(Limits::default())).unwrap();
        total += 1;
        failures.extend(check(&vector, &run(&vector)).err());
    }
    for failure in &failures {
        eprintln!("{failure}");
    }
    let passed = total - failures.len();
    eprintln!("{name} {passed}/{total}");
    assert!(
        passed * 1000 >= total * permille,
        "{name}: {passed} of {total} agree, {permille} of 1000 are wanted"
    );
}

/// A member of a vector; null where it has none.
fn member<'v>(vector: &'v Value, name: &str) -> &'v Value {
    static NONE: Value = Value::None;
    vector
        .as_dict()
        .and_then(|vector| vector.get(name))
        .unwrap_or(&NONE)
}

fn check(vector: &Value, got: &Answer) -> Result<(), String> {
    let members = vector.as_dict().unwrap();
    let fits = match got {
        Ok(value) => ["intended", "result"]
            .into_iter()
            .filter_map(|name| members.get(name))
            .any(|expected| agree(value, expected)),
        Err((kind, _)) => member(member(vector, "error"), "kind").as_str() == Some(name(*kind)),
    };
    if fits {
        return Ok(());
    }
    let expected = members.get("result").or(members.get("error"));
    let shown = ["expr", "template", "mapping", "path", "input"]
        .into_iter()
        .find_map(|name| members.get(name));
    Err(format!(
        "{} {:?}\n    got      {got:?}\n    expected {expected:?}{}",
        member(vector, "id").as_str().unwrap_or_default(),
        shown,
        members
            .get("intended")
            .map(|intended| format!("\n    intended {intended:?}"))
            .unwrap_or_default(),
    ))
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Parse => "parse",
        Kind::UnknownFunction => "unknown_function",
        Kind::Undefined => "undefined",
        Kind::Type => "type",
        Kind::Other | Kind::Limit => "other",
    }
}

#[test]
fn templates_render_as_recorded() {
    replay_file("jinja/jinja.jsonl", 985, replay::template);
}

#[test]
fn yaql_with_the_functions_of_workflows_answers_as_recorded() {
    replay_file("yaql/yaql.jsonl", 990, replay::yaql);
}

#[test]
fn values_of_workflows_are_evaluated_as_recorded() {
    replay_file("orquesta_expr/orquesta_expr.jsonl", 990, replay::statement);
}

#[test]
fn paths_find_what_was_recorded() {
    replay_file(
        "criteria/jsonpath.jsonl",
        980,
        replay::path::<serde_json::Value>,
    );
    replay_file("criteria/jsonpath.jsonl", 980, replay::path::<Value>);
}
