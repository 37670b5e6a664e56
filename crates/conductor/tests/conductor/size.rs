//! Large workflows and long executions: what they do is right, and done while a test may take.

use conductor::{Conductor, Status};
use serde_json::{Map, Value as Json, json};

use crate::support::{Operation, conductor, dict, item_report, report, written};

fn of_tasks(tasks: &Json) -> Conductor {
    let definition = json!({
        "version": 1.0, "input": ["n"], "vars": [{"x": 0}], "output": [{"x": "<% ctx(x) %>"}], "tasks": tasks,
    });
    conductor(&definition.to_string())
}

/// Runs everything that is offered; gives how many runs of tasks and what came out.
fn run(conductor: &Conductor, inputs: &Json) -> (usize, Json) {
    let (mut state, _) = conductor.start(&dict(inputs), &dict(&json!({})));
    conductor.request(&mut state, Status::Running).unwrap();
    loop {
        let (offers, _) = conductor.next(&mut state).unwrap();
        if offers.is_empty() {
            break;
        }
        for offer in offers {
            for status in [Status::Running, Status::Succeeded] {
                let (id, route) = (&*offer.task.id, offer.task.route);
                report(id, route, status, &json!(1))
                    .apply(conductor, &mut state)
                    .unwrap();
            }
        }
    }
    assert_eq!(state.status(), Status::Succeeded);
    let output = pyvalue::Value::from(state.output().cloned());
    (state.sequence().len(), output.to_json().unwrap())
}

#[test]
fn ten_thousand_tasks_run_one_after_another() {
    let tasks: Map<String, Json> = (0..10_000)
        .map(|at| {
            let mut task = json!({"action": "a"});
            if at < 9_999 {
                task["next"] = json!([{"do": format!("t{}", at + 1)}]);
            }
            (format!("t{at}"), task)
        })
        .collect();

    assert_eq!(run(&of_tasks(&json!(tasks)), &json!({})).0, 10_000);
}

#[test]
fn five_thousand_tasks_meet_in_a_join_behind_one() {
    let names: Vec<String> = (0..5_000).map(|at| format!("t{at}")).collect();
    let task =
        json!({"action": "a", "next": [{"publish": [{"x": "<% ctx(x) + 1 %>"}], "do": "last"}]});
    let mut tasks: Map<String, Json> = names
        .iter()
        .map(|name| (name.clone(), task.clone()))
        .collect();
    tasks.insert("first".to_owned(), json!({"next": [{"do": names}]}));
    tasks.insert("last".to_owned(), json!({"action": "a", "join": "all"}));

    assert_eq!(
        run(&of_tasks(&json!(tasks)), &json!({})),
        (5_002, json!({"x": 1}))
    );
}

#[test]
fn a_chain_of_splits_grows_its_routes_step_by_step() {
    // Each task leads to the next one twice, so that there are as many runs as steps if only one way is taken.
    let tasks: Map<String, Json> = (0..2_000)
        .map(|at| {
            let next = format!("t{}", at + 1);
            let entries = json!([{"do": next}, {"when": "<% failed() %>", "do": next}]);
            let next = if at < 1_999 { entries } else { json!([]) };
            (format!("t{at}"), json!({"action": "a", "next": next}))
        })
        .collect();

    assert_eq!(run(&of_tasks(&json!(tasks)), &json!({})).0, 2_000);
}

#[test]
fn a_loop_of_splits_and_joins_does_not_double_its_contexts() {
    let conductor = of_tasks(&json!({
        "begin": {"next": [{"do": ["a", "b"]}]},
        "a": {"action": "a", "next": [{"publish": [{"seen": "<% ctx(x) %>"}], "do": "both"}]},
        "b": {"action": "a", "next": [{"do": "both"}]},
        "both": {
            "join": "all", "action": "a",
            "next": [{"when": "<% ctx(x) < ctx(n) %>", "publish": [{"x": "<% ctx(x) + 1 %>"}], "do": ["a", "b"]}],
        },
    }));

    assert_eq!(
        run(&conductor, &json!({"n": 500})),
        (1_504, json!({"x": 500}))
    );
}

#[test]
fn ten_thousand_items_change_a_few_records_each() {
    let conductor = of_tasks(&json!({"t1": {
        "action": "a", "input": {"i": "<% item() %>"},
        "with": {"items": "<% range(ctx(n)).toList() %>", "concurrency": 2},
    }}));
    let (mut state, _) = conductor.start(&dict(&json!({"n": 10_000})), &dict(&json!({})));
    conductor.request(&mut state, Status::Running).unwrap();
    for item in 0..10_000 {
        let (offers, _) = conductor.next(&mut state).unwrap();
        assert_eq!(
            offers[0].actions[0].input.to_json().unwrap(),
            json!({"i": item})
        );
        for status in [Status::Running, Status::Succeeded] {
            let (_, changes) = item_report("t1", item, status, &json!([1]))
                .apply(&conductor, &mut state)
                .unwrap();
            // The last one ends the task, whose items are gone then.
            assert!(changes.keys().len() <= 4, "{changes:?}");
        }
    }
    assert_eq!(state.status(), Status::Succeeded);
}

#[test]
fn many_failures_are_noted_once_each() {
    let conductor = of_tasks(&json!({"t1": {
        "action": "a", "with": "<% range(ctx(n)).toList() %>",
    }}));
    let (mut state, _) = conductor.start(&dict(&json!({"n": 5_000})), &dict(&json!({})));
    conductor.request(&mut state, Status::Running).unwrap();
    Operation::Next.apply(&conductor, &mut state).unwrap();
    let results: Vec<Json> = (0..5_000).map(|item| json!({"failed": item / 2})).collect();
    for status in [Status::Running, Status::Failed] {
        for (item, result) in results.iter().enumerate() {
            let mut operation = item_report("t1", item, status, &json!([]));
            if let Operation::Report(report) = &mut operation {
                report.result = pyvalue::Value::from_json(result);
            }
            operation.apply(&conductor, &mut state).unwrap();
        }
    }

    assert_eq!(state.errors().len(), 2_500);
    assert!(written(&state).len() > 7_500);
}
