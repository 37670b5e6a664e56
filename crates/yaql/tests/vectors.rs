//! The conformance vectors' expressions: what the original parses is parsed, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test that unwraps nothing has failed")]

use std::path::PathBuf;

use serde_json::Value;
use yaql::Expression;

/// The vectors; `None`, said aloud, where they are not here.
fn vectors() -> Option<Vec<Value>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/yaql/yaql.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("SKIPPED: yaql.jsonl is not in ../shared/conformance/yaql");
        return None;
    };
    Some(
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

#[test]
fn expressions_parse_as_recorded() {
    let Some(cases) = vectors() else {
        return;
    };

    for case in &cases {
        let text = case["expr"].as_str().unwrap();
        let is_error = case["error"]["kind"] == "parse";
        match Expression::parse(text) {
            Ok(_) => assert!(!is_error, "{text} is accepted"),
            Err(error) => assert!(is_error, "{}", error.render()),
        }
    }
    eprintln!("parsed {} expressions", cases.len());
}
