//! Recordings of Jinja2 as `StackStorm` uses it, replayed. Templates with `StackStorm`'s own filters are replayed elsewhere.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::path::PathBuf;

use jinja::{Diagnostic, Environment, Input, Kind, Template};
use pyvalue::{Dict, Limits, Value};

/// Filters that are not Jinja2's.
const OF_STACKSTORM: &[&str] = &[
    "basename",
    "decrypt_kv",
    "dirname",
    "from_json_string",
    "from_yaml_string",
    "json_escape",
    "jsonpath_query",
    "regex_match",
    "regex_replace",
    "regex_search",
    "regex_substring",
    "to_complex",
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
];

fn cases() -> Option<Vec<serde_json::Value>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/jinja/jinja.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: jinja.jsonl is not in ../shared/conformance/jinja");
        return None;
    };
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Parse => "parse",
        Kind::UnknownFunction => "unknown_function",
        Kind::Undefined => "undefined",
        Kind::Type => "type",
        Kind::Other => "other",
        Kind::Limit => "limit",
    }
}

fn render(case: &serde_json::Value) -> Result<String, Diagnostic> {
    let mut environment = Environment::standard();
    if case["mode"] == "lenient" {
        environment = environment.lenient();
    }
    let names = match Value::from_json(&case["context"]) {
        Value::Dict(dict) => dict,
        _ => Dict::default(),
    };
    let input = Input {
        names: &names,
        host: None,
        limits: Limits::default(),
        seed: 0,
    };
    Template::parse(case["template"].as_str().unwrap(), &environment)?.render(&environment, &input)
}

#[test]
fn templates_render_as_recorded() {
    let Some(cases) = cases() else {
        return;
    };
    let mut total = 0;
    let mut failures = Vec::new();

    for case in &cases {
        let is_ours = case["mode"] == "strict" || case["mode"] == "lenient";
        let template = case["template"].as_str().unwrap_or_default();
        if !is_ours || OF_STACKSTORM.iter().any(|name| template.contains(name)) {
            continue;
        }
        total += 1;
        let (answer, expected) = match render(case) {
            Ok(text) => (text, case["result"].as_str().map(str::to_owned)),
            Err(error) => (
                format!("{}: {error}", kind_name(error.kind)),
                case["error"]["kind"].as_str().map(str::to_owned),
            ),
        };
        let agrees = expected.as_ref().is_some_and(|expected| {
            answer == *expected || answer.starts_with(&format!("{expected}: "))
        });
        if !agrees {
            let expected = [&case["result"], &case["error"]];
            failures.push(format!(
                "{template:?}\n  expected {expected:?}\n  actual {answer:?}"
            ));
        }
    }

    eprintln!("jinja {}/{total}", total - failures.len());
    assert!(
        failures.is_empty(),
        "{} of {total} differ:\n{}",
        failures.len(),
        failures.join("\n")
    );
}
