//! A state that is stored record by record and loaded again is the same state.

use std::io::Write as _;
use std::path::PathBuf;

use conductor::{Conductor, ItemReport, Report, RerunRequest, State, Status};
use pyvalue::Value;
use serde_json::Value as Json;

use crate::support::{Operation, Store, conductor, dict, task, written};

fn operation(step: &Json) -> Option<Operation> {
    let status = |name: &Json| Status::parse(name.as_str()?);
    let key = |json: &Json| {
        let route = usize::try_from(json["route"].as_u64()?).ok()?;
        Some(task(json["task_id"].as_str()?, route))
    };
    Some(match step["op"].as_str()? {
        "next" => Operation::Next,
        "request" => Operation::Request(status(&step["status"])?),
        "event" => Operation::Report(Report {
            task: key(step)?,
            status: status(&step["status"])?,
            result: Value::from_json(&step["result"]),
            item: step["item_id"].as_u64().map(|item| ItemReport {
                item: usize::try_from(item).unwrap(),
                results: Value::from_json(&step["accumulated_result"]),
            }),
        }),
        _ => Operation::Rerun(step["tasks"].as_array().map(|tasks| {
            let request = |task: &Json| {
                Some(RerunRequest {
                    task: key(task)?,
                    reset_items: task["reset_items"] == true,
                })
            };
            tasks.iter().filter_map(request).collect()
        })),
    })
}

/// Goes on with a state that is loaded before every step, beside one that stays; both must be the same.
fn replay(trace: &Json) {
    let conductor: Conductor = conductor(trace["definition"].as_str().unwrap());
    let (mut kept, changes): (State, _) =
        conductor.start(&dict(&trace["inputs"]), &dict(&trace["context"]));
    let mut store = Store::default();
    store.write(&changes, &kept);
    for operation in trace["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(operation)
    {
        let mut loaded = store.load(&conductor);
        let expected = operation.apply(&conductor, &mut kept);

        let outcome = operation.apply(&conductor, &mut loaded);

        let name = &trace["name"];
        assert_eq!(outcome, expected, "{name}: {operation:?}");
        if let Ok((_, changes)) = outcome {
            store.write(&changes, &loaded);
        }
        assert_eq!(store.0, written(&kept), "{name}: {operation:?}");
    }
}

#[test]
fn recorded_executions_go_on_from_what_was_stored() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/orquesta/orquesta_conduct.jsonl");
    let Ok(traces) = std::fs::read_to_string(&path) else {
        writeln!(std::io::stderr(), "SKIPPED: no {}", path.display()).unwrap();
        return;
    };
    for line in traces.lines() {
        replay(&serde_json::from_str(line).unwrap());
    }
}
