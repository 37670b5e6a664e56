//! The outcome of tests for programs.

use rehearsal::Mismatch;
use serde_json::{Value, json};

use super::{Fault, Tested, TestedCase};

pub(super) fn of(tested: &[Tested]) -> Value {
    let cases = || tested.iter().flat_map(|one| &one.cases);
    let passed = cases().filter(|case| case.verdict.passed()).count();
    json!({
        "passed": tested.iter().all(Tested::passed),
        "cases": { "passed": passed, "failed": cases().count() - passed },
        "files": tested.iter().map(file).collect::<Vec<_>>(),
    })
}

fn file(tested: &Tested) -> Value {
    json!({
        "file": tested.file,
        "workflow": tested.workflow,
        "problems": tested.problems.iter().map(fault).collect::<Vec<_>>(),
        "cases": tested.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn fault(fault: &Fault) -> Value {
    json!({
        "file": fault.file,
        "line": fault.position.line,
        "column": fault.position.column,
        "message": fault.message,
    })
}

fn case(case: &TestedCase) -> Value {
    json!({
        "name": case.name,
        "line": case.line,
        "passed": case.verdict.passed(),
        "mismatches": case.verdict.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
        "story": case.verdict.story.to_json(),
    })
}

fn mismatch(mismatch: &Mismatch) -> Value {
    let mut value = json!({
        "line": mismatch.position.line,
        "column": mismatch.position.column,
        "subject": mismatch.subject,
        "notes": mismatch.notes,
    });
    for (name, side) in [
        ("expected", &mismatch.expected),
        ("actual", &mismatch.actual),
    ] {
        if let Some(side) = side {
            value[name] = side.clone();
        }
    }
    value
}
