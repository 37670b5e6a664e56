//! Recordings of the Python original, replayed on the engine alone: cases that call functions of Orquesta or StackStorm
//! are left out.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use diagnostic::{Diagnostic, Kind};
use pyvalue::Value;
use serde_json::Value as Json;
use yaql::{Engine, Expression, Input};

/// What Orquesta and StackStorm add.
const HOST: &[&str] = &[
    "basename",
    "completed",
    "ctx",
    "dirname",
    "failed",
    "from_json_string",
    "from_yaml_string",
    "item",
    "json",
    "json_dump",
    "json_escape",
    "json_parse",
    "jsonpath_query",
    "regex_match",
    "regex_replace",
    "regex_search",
    "regex_substring",
    "result",
    "st2kv",
    "succeeded",
    "task",
    "task_status",
    "to_human_time_from_seconds",
    "to_json_string",
    "to_yaml_string",
    "use_none",
    "version_bump_major",
    "version_bump_minor",
    "version_bump_patch",
    "version_compare",
    "version_equal",
    "version_less_than",
    "version_match",
    "version_more_than",
    "version_strip_patch",
    "yaml_dump",
    "yaml_parse",
    "zip",
];

/// The cases of the set; `None`, said aloud, where they are not here.
fn cases() -> Option<Vec<Json>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/yaql/yaql.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: yaql.jsonl is not in ../shared/conformance/yaql");
        return None;
    };
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn needs_host(case: &Json) -> bool {
    let calls_host = Expression::parse(case["expr"].as_str().unwrap()).is_ok_and(|expression| {
        expression
            .calls()
            .iter()
            .any(|call| !call.is_method && HOST.contains(&call.name))
    });
    // `call(name, ...)` may name one, and `$__vars` is Orquesta's.
    calls_host
        || case.get("ctx").is_some()
        || HOST.iter().any(|name| {
            case["expr"]
                .as_str()
                .unwrap()
                .contains(&format!("call({name}"))
        })
}

fn evaluate(engine: &Engine, case: &Json) -> Result<Value, Diagnostic> {
    let expression = Expression::parse(case["expr"].as_str().unwrap())?;
    let input = Input {
        data: Value::from_json(case.get("data").unwrap_or(&Json::Null)),
        now: Some("2024-06-15T12:00:00+00:00".parse().unwrap()),
        ..Input::default()
    };
    engine.evaluate(&expression, &input)
}

fn agrees(case: &Json, outcome: &Result<Value, Diagnostic>) -> bool {
    let answers = ["result", "intended"]
        .iter()
        .filter_map(|field| case.get(field));
    match outcome {
        Ok(value) => answers.into_iter().any(|answer| is_same(answer, value)),
        Err(error) => case
            .get("error")
            .is_some_and(|expected| expected["kind"] == kind(error.kind)),
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Parse => "parse",
        Kind::UnknownFunction => "unknown_function",
        Kind::Undefined => "undefined",
        Kind::Type => "type",
        Kind::Other => "other",
        Kind::Limit => "limit",
    }
}

/// Whether a value is what was recorded; numbers count by type too.
fn is_same(recorded: &Json, value: &Value) -> bool {
    if let Some(name) = recorded.get("$type").and_then(Json::as_str) {
        return is_wrapped(name, &recorded["value"], value);
    }
    match (recorded, value) {
        (Json::Null, Value::None) => true,
        (Json::Bool(recorded), Value::Bool(value)) => recorded == value,
        (Json::Number(recorded), Value::Int(value)) => recorded.as_i64() == Some(*value),
        // Beyond 64 bits the reader of the recording rounds.
        (Json::Number(recorded), Value::Big(value)) => {
            let value: f64 = value.to_string().parse().unwrap();
            (recorded.as_f64().unwrap() / value - 1.0).abs() < 1e-12
        }
        (Json::Number(recorded), Value::Float(value)) => {
            recorded.is_f64() && recorded.as_f64() == Some(*value)
        }
        (Json::String(recorded), Value::Str(value)) => *recorded == **value,
        (Json::Array(recorded), Value::List(items) | Value::Tuple(items)) => {
            recorded.len() == items.len()
                && recorded
                    .iter()
                    .zip(items)
                    .all(|(recorded, item)| is_same(recorded, item))
        }
        (Json::Array(recorded), Value::Set(set)) => has_all(recorded, set.iter().cloned()),
        (Json::Object(recorded), Value::Dict(dict)) => {
            recorded.len() == dict.len()
                && recorded.iter().all(|(key, recorded)| {
                    dict.get(key).is_some_and(|value| is_same(recorded, value))
                })
        }
        _ => false,
    }
}

fn is_wrapped(name: &str, recorded: &Json, value: &Value) -> bool {
    match (name, value) {
        ("float", Value::Float(value)) => recorded == &Json::from(pyvalue::float_text(*value)),
        ("datetime", Value::DateTime(moment)) => {
            chrono::DateTime::parse_from_rfc3339(recorded.as_str().unwrap()).unwrap() == *moment
        }
        ("timespan", Value::TimeSpan(span)) => recorded.as_i64() == Some(*span),
        ("set", Value::Set(set)) => has_all(recorded.as_array().unwrap(), set.iter().cloned()),
        ("set", Value::List(items) | Value::Tuple(items)) => {
            has_all(recorded.as_array().unwrap(), items.iter().cloned())
        }
        ("map", Value::Dict(dict)) => has_all(
            recorded.as_array().unwrap(),
            dict.iter()
                .map(|(key, value)| Value::list(vec![key.clone(), value.clone()])),
        ),
        _ => false,
    }
}

/// Whether these are the recorded values in any order.
fn has_all(recorded: &[Json], values: impl Iterator<Item = Value>) -> bool {
    let mut values: Vec<Value> = values.collect();
    for recorded in recorded {
        match values.iter().position(|value| is_same(recorded, value)) {
            Some(index) => values.swap_remove(index),
            None => return false,
        };
    }
    values.is_empty()
}

#[test]
fn answers_are_the_recorded_ones() {
    let Some(cases) = cases() else {
        return;
    };
    let cases: Vec<&Json> = cases.iter().filter(|case| !needs_host(case)).collect();
    let engine = Engine::standard();
    let mut failures: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut failed = 0;

    for case in &cases {
        let outcome = evaluate(&engine, case);
        if agrees(case, &outcome) {
            continue;
        }
        failed += 1;
        let expected = case.get("result").unwrap_or(&case["error"]);
        let actual = outcome.map_or_else(
            |error| format!("{:?}: {error}", error.kind),
            |value| value.repr(),
        );
        for feature in case["features"].as_array().unwrap() {
            failures
                .entry(feature.to_string())
                .or_default()
                .push(format!(
                    "  {} -> {actual}, recorded {expected}",
                    case["expr"]
                ));
        }
    }

    eprintln!("yaql {}/{}", cases.len() - failed, cases.len());
    let report: Vec<String> = failures
        .into_iter()
        .map(|(feature, failures)| format!("{feature}\n{}", failures.join("\n")))
        .collect();
    assert!(failed == 0, "{failed} cases differ:\n{}", report.join("\n"));
}
