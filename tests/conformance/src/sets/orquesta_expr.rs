//! `orquesta_expr.jsonl`: whole values of workflows.

use expr::orquesta::{ExpressionError, Fault, Statement, extract_vars};
use serde_json::{Value, json};

use super::workflow::{options, state};
use crate::answer::kinds;
use crate::{Answer, Case, Failure, wire};

pub(super) fn answer(case: &Case) -> Answer {
    let input = case.get("input");
    match case.text("op") {
        "evaluate" => {
            let value = Statement::compile(input).evaluate(&state(case), &options());
            wire::of(&value.map_err(|error| failure(&error))?)
        }
        "validate" => {
            let faults = Statement::compile(input).validate();
            let faults: Vec<Value> = faults.iter().map(fault).collect();
            Ok(json!({ "errors": faults }))
        }
        "extract_vars" => {
            // The recordings are sorted by language and text, ours by variable alone.
            let mut found: Vec<(&str, String, String)> = extract_vars(input)
                .into_iter()
                .map(|one| (one.language.name(), one.statement, one.variable))
                .collect();
            found.sort();
            Ok(json!(found))
        }
        _ => Err(Failure::malformed("known `op`")),
    }
}

fn fault(fault: &Fault) -> Value {
    let language = fault.language().map(expr::orquesta::Language::name);
    json!({ "type": language, "expression": fault.expression() })
}

fn failure(error: &ExpressionError) -> Failure {
    Failure::new(kinds(error.kind()), error.render())
}
