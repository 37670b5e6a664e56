//! `orquesta_inspect.jsonl`: what inspection says about a workflow.
//!
//! Insisted on are the places, and the words of what Orquesta itself says (levels 1 and 2 of the format). Messages about
//! expressions and about the syntax are the words of parsers and of `jsonschema`: they are counted apart.

use conductor::Inspection;
use serde_json::{Value, json};

use crate::sets::Wish;
use crate::{Answer, Case, Failure};

const PASSES: [&str; 4] = ["syntax", "semantics", "expressions", "context"];

/// Inspects the case's workflow; the failure tells what differs.
pub(super) fn answer(case: &Case) -> Answer {
    let inspection = inspect(case);
    if case.has("raises") {
        return if inspection.is_clean() {
            Err(Failure::new(&["difference"], "ours finds nothing"))
        } else {
            Ok(Value::Null)
        };
    }
    let ours = inspection.to_json();
    let differences: Vec<String> = PASSES
        .iter()
        .filter_map(|pass| {
            let recorded = insisted(pass, &case.get("expected_errors")[pass]);
            let ours = insisted(pass, &ours[pass]);
            (recorded != ours).then(|| format!("{pass}: recorded {recorded:?}, ours {ours:?}"))
        })
        .collect();
    if differences.is_empty() {
        Ok(Value::Null)
    } else {
        Err(Failure::new(&["difference"], differences.join("; ")))
    }
}

fn inspect(case: &Case) -> Inspection {
    let names = case.object("app_ctx");
    let names: Vec<&str> = names.keys().map(String::as_str).collect();
    conductor::inspect(case.text("definition"), &names)
}

/// What must be the same of a pass, in an order that depends on nothing else.
fn insisted(pass: &str, entries: &Value) -> Vec<String> {
    let entries = entries.as_array().into_iter().flatten();
    let mut entries: Vec<String> = entries
        .map(|entry| {
            let mut members = vec![&entry["spec_path"]];
            if matches!(pass, "expressions" | "context") {
                members.extend([&entry["type"], &entry["expression"]]);
            }
            if matches!(pass, "semantics" | "context") {
                members.extend([&entry["schema_path"], &entry["message"]]);
            }
            json!(members).to_string()
        })
        .collect();
    entries.sort();
    entries
}

/// Messages about expressions and the syntax, with the place in the schema, entry by entry.
pub(super) fn wishes(case: &Case) -> Vec<Wish> {
    let ours = inspect(case).to_json();
    let words = |entry: &Value| format!("{} {}", entry["schema_path"], entry["message"]);
    let mut wishes = Vec::new();
    for (pass, name) in [
        ("expressions", "messages of expressions"),
        ("syntax", "messages of the syntax"),
    ] {
        let recorded = case.get("expected_errors")[pass].as_array();
        let ours = ours[pass].as_array();
        let pairs = recorded
            .into_iter()
            .flatten()
            .zip(ours.into_iter().flatten());
        wishes.extend(pairs.map(|(recorded, ours)| Wish {
            name,
            recorded: words(recorded),
            ours: words(ours),
        }));
    }
    wishes
}
