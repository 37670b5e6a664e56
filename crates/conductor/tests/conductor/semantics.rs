//! Corners of the language that recorded executions do not reach.

use conductor::{Conductor, Offer, Refusal, RerunRequest, State, Status};
use pyvalue::Value;
use serde_json::{Value as Json, json};

use crate::support::{Operation, conductor, dict, item_report, report, task};

/// A workflow that runs.
struct Run {
    conductor: Conductor,
    state: State,
}

impl Run {
    fn new(tasks: &Json) -> Self {
        Self::with(tasks, &json!({}))
    }

    fn with(tasks: &Json, context: &Json) -> Self {
        let definition = json!({
            "version": 1.0,
            "input": ["x", {"st2": "none"}],
            "vars": [{"l": [[1, 2], [3], "z", {"q": 1}]}],
            "output": [{"x": "<% ctx(x) %>"}],
            "tasks": tasks,
        });
        let conductor = conductor(&definition.to_string());
        let (mut state, _) =
            conductor.start(&dict(&json!({"x": 1, "st2": {"a": 1}})), &dict(context));
        conductor.request(&mut state, Status::Running).unwrap();
        Self { conductor, state }
    }

    fn apply(&mut self, operation: &Operation) -> Result<Vec<Offer>, Refusal> {
        let outcome = operation.apply(&self.conductor, &mut self.state);
        outcome.map(|(offers, _)| offers)
    }

    fn next(&mut self) -> Vec<Offer> {
        self.apply(&Operation::Next).unwrap()
    }

    fn offered(&mut self) -> Vec<String> {
        let offers = self.next();
        offers.iter().map(|offer| offer.task.to_string()).collect()
    }

    fn report(&mut self, id: &str, route: usize, status: Status) -> Result<(), Refusal> {
        self.apply(&report(id, route, status, &json!(7)))?;
        Ok(())
    }

    /// A task runs and ends.
    fn end(&mut self, id: &str, route: usize, status: Status) {
        self.report(id, route, Status::Running).unwrap();
        self.report(id, route, status).unwrap();
    }

    fn errors(&self) -> Vec<&str> {
        self.state.errors().map(|error| &*error.message).collect()
    }
}

#[test]
fn targets_are_written_in_many_ways() {
    // What is written, and what is offered after t1.
    let table = [
        (json!({"do": "t2"}), vec!["t2|0"]),
        (json!({"do": " t2 ,t3"}), vec!["t2|0", "t3|0"]),
        (json!({"do": ["t3", "t2"]}), vec!["t2|0", "t3|0"]),
        // Twice in one entry is one transition, but two arrivals to count: a route of its own.
        (json!({"do": "t2, t2"}), vec!["t2|1"]),
        (json!({"do": []}), vec![]),
        (json!({"do": ""}), vec![]),
        (json!({"when": "no expression"}), vec![]),
        (json!({"when": "no expression", "do": "t2"}), vec!["t2|0"]),
    ];
    for (entry, expected) in table {
        let mut run = Run::new(&json!({
            "t1": {"action": "a", "next": [entry]}, "t2": {"action": "a"}, "t3": {"action": "a"},
        }));
        run.offered();
        run.end("t1", 0, Status::Succeeded);
        let offered = run.offered();
        let expected: Vec<&str> = expected;
        // What nothing leads to starts beside t1.
        let led_to: Vec<&str> = offered
            .iter()
            .map(String::as_str)
            .filter(|task| {
                run.state.staged().any(|(_, staged)| {
                    staged.task.to_string() == *task && staged.previous.is_some()
                })
            })
            .collect();
        assert_eq!(led_to, expected, "{entry}");
    }
}

#[test]
fn a_join_waits_for_as_many_as_it_says() {
    // How many, and after how many of three tasks it is offered.
    for (join, expected) in [
        (json!("all"), 3),
        (json!(2), 2),
        (json!(1), 1),
        (json!(0), 1),
    ] {
        let to = json!({"action": "a", "next": [{"do": "last"}]});
        let mut run = Run::new(&json!({
            "a": to, "b": to, "c": to, "last": {"action": "a", "join": join},
        }));
        run.offered();
        let mut needed = 0;
        for id in ["a", "b", "c"] {
            run.end(id, 0, Status::Succeeded);
            needed += 1;
            if run.offered().contains(&"last|0".to_owned()) {
                break;
            }
        }
        assert_eq!(needed, expected, "{join}");
    }
}

#[test]
fn the_last_retry_of_the_transitions_replaces_all_others() {
    let mut run = Run::new(&json!({"t1": {
        "action": "a",
        "retry": {"count": 1, "delay": 9},
        "next": [
            {"when": "<% failed() %>", "do": "retry"},
            {"when": "<% result() = 7 %>", "do": "retry"},
        ],
    }}));
    run.offered();

    for _ in 0..3 {
        run.end("t1", 0, Status::Succeeded);
        assert_eq!(run.next()[0].delay, Some(0));
    }
    run.end("t1", 0, Status::Succeeded);

    assert_eq!(
        run.state.sequence()[0]
            .retry
            .as_ref()
            .map(|retry| retry.tally),
        Some(3)
    );
    assert_eq!(run.state.status(), Status::Succeeded);
}

#[test]
fn a_delay_is_a_whole_number() {
    let table = [
        (json!(3), Ok(Some(3))),
        (json!(0), Ok(None)),
        (json!("<% 0 %>"), Ok(Some(0))),
        (json!("<% ctx(x) + 4 %>"), Ok(Some(5))),
        (
            json!("4"),
            Err("TypeError: The value of task delay is not type of integer."),
        ),
        (
            json!("<% 1.5 %>"),
            Err("TypeError: The value of task delay is not type of integer."),
        ),
    ];
    for (delay, expected) in table {
        let mut run = Run::new(&json!({"t1": {"action": "a", "delay": delay}}));
        let offers = run.next();
        match expected {
            Ok(expected) => assert_eq!(offers[0].delay, expected, "{delay}"),
            Err(message) => assert_eq!((offers.len(), run.errors()[0]), (0, message), "{delay}"),
        }
    }
}

#[test]
fn so_many_items_are_started_at_once() {
    // How many at once as it is written and as it is offered, and the items that are offered; no others while these run.
    let table = [
        (json!(1), Some(1), vec![0]),
        (json!(3), Some(3), vec![0, 1, 2]),
        (json!(99), Some(99), vec![0, 1, 2, 3]),
        (json!("<% -1 %>"), Some(1), vec![0]),
        (json!("<% 0 %>"), Some(1), vec![0]),
        (json!("<% null %>"), None, vec![0, 1, 2, 3]),
        (json!("<% ctx(x) + 1 %>"), Some(2), vec![0, 1]),
    ];
    for (concurrency, most, first) in table {
        let mut run = Run::new(&json!({"t1": {
            "action": "a", "with": {"items": "<% ctx(l) %>", "concurrency": concurrency},
        }}));
        let items = |offers: &[Offer]| -> Vec<usize> {
            let actions = offers.iter().flat_map(|offer| &offer.actions);
            actions.filter_map(|action| action.item).collect()
        };
        let offers = run.next();
        assert_eq!(offers[0].concurrency, most, "{concurrency}");
        let offered = items(&offers);
        assert_eq!(offered, first, "{concurrency}");
        for item in offered {
            run.apply(&item_report("t1", item, Status::Running, &json!([])))
                .unwrap();
        }
        assert_eq!(items(&run.next()), Vec::<usize>::new(), "{concurrency}");
    }
}

#[test]
fn items_go_by_their_names() {
    let table = [
        ("<% ctx(l) %>", json!([[1, 2], [3], "z", {"q": 1}])),
        (
            "i in <% ctx(l) %>",
            json!([{"i": 1}, {"i": 3}, {"i": "z"}, {"i": {"q": 1}}]),
        ),
        (
            "a, b in <% ctx(l) %>",
            json!([{"a": 1, "b": 2}, {"a": 3}, "z", {"q": 1}]),
        ),
        (
            "a,a in <% ctx(l) %>",
            json!([{"a": 2}, {"a": 3}, "z", {"q": 1}]),
        ),
    ];
    for (with, expected) in table {
        let mut run = Run::new(&json!({"t1": {
            "action": "a", "input": {"item": "<% item() %>"}, "with": with,
        }}));
        let offers = run.next();
        let items: Vec<Json> = offers[0]
            .actions
            .iter()
            .map(|action| action.input.to_json().unwrap()["item"].clone())
            .collect();
        assert_eq!(json!(items), expected, "{with}");
    }
}

#[test]
fn publishing_goes_item_by_item_and_a_name_may_come_twice() {
    let mut run = Run::new(&json!({
        "t1": {"action": "a", "next": [{"publish": "y=1 y=<% ctx(y) + 1 %> w=word z='1'", "do": "t2"}]},
        "t2": {"action": "a"},
    }));
    run.offered();
    run.end("t1", 0, Status::Succeeded);

    let published = Value::Dict(run.state.contexts()[1].clone());
    assert_eq!(published.to_json().unwrap(), json!({"y": 2, "z": "1"}));
}

#[test]
fn the_parents_context_is_merged_with_the_inputs() {
    let run = Run::with(
        &json!({"t1": {"action": "a"}}),
        &json!({"st2": {"a": 0, "user": "ann"}, "parent": {"pack": "p"}}),
    );

    let first = Value::Dict(run.state.contexts()[0].clone())
        .to_json()
        .unwrap();
    assert_eq!(first["st2"], json!({"a": 1, "user": "ann"}));
    assert_eq!(first["parent"], json!({"pack": "p"}));
}

#[test]
fn what_cannot_happen_is_refused() {
    let table: Vec<(&str, Operation)> = vec![
        (
            "an unknown task",
            report("t9", 0, Status::Running, &json!(null)),
        ),
        (
            "an unknown route",
            report("t1", 7, Status::Running, &json!(null)),
        ),
        (
            "a huge route",
            report("t1", usize::MAX, Status::Running, &json!(null)),
        ),
        (
            "a task that is not staged",
            report("t2", 0, Status::Running, &json!(null)),
        ),
        ("no status", report("t1", 0, Status::Unset, &json!(null))),
        (
            "a status of the engine's own",
            report("t1", 0, Status::Retrying, &json!(null)),
        ),
        (
            "a start that is none",
            report("t1", 0, Status::Pausing, &json!(null)),
        ),
        (
            "an item of a plain task",
            item_report("t1", 0, Status::Running, &json!([])),
        ),
        ("a request for nothing", Operation::Request(Status::Unset)),
        (
            "a request for an end of tasks",
            Operation::Request(Status::Timeout),
        ),
        ("a rerun of what still runs", Operation::Rerun(None)),
    ];
    for (what, operation) in table {
        let mut run = Run::new(&json!({
            "t1": {"action": "a", "next": [{"do": "t2"}]}, "t2": {"action": "a"},
        }));
        assert!(run.apply(&operation).is_err(), "{what}");
    }
}

#[test]
fn a_task_that_times_out_before_it_runs_is_not_tried_for_ever() {
    for when in [None, Some("<% completed() %>")] {
        let mut run = Run::new(&json!({"t1": {"action": "a", "retry": {"count": 3}}}));
        if let Some(when) = when {
            run = Run::new(&json!({"t1": {"action": "a", "retry": {"count": 3, "when": when}}}));
        }
        run.offered();
        run.report("t1", 0, Status::Delayed).unwrap();

        let refusal = run.report("t1", 0, Status::Timeout).unwrap_err();
        run.conductor
            .give_up(&mut run.state, &task("t1", 0), &refusal.to_string())
            .unwrap();

        assert_eq!(run.state.status(), Status::Failed);
        assert!(run.errors()[0].contains("task_retry_requested"), "{when:?}");
    }
}

#[test]
fn a_canceled_task_is_not_tried_again() {
    let mut run = Run::new(&json!({"t1": {"action": "a", "next": [{"do": "retry"}]}}));
    run.offered();
    run.report("t1", 0, Status::Running).unwrap();
    run.apply(&Operation::Request(Status::Canceled)).unwrap();

    run.report("t1", 0, Status::Canceled).unwrap();

    assert_eq!(run.state.status(), Status::Canceled);
}

#[test]
fn errors_of_the_output_are_noted_and_fail_only_what_succeeded() {
    for (end, expected) in [
        (Status::Succeeded, Status::Failed),
        (Status::Canceled, Status::Canceled),
    ] {
        let definition = json!({
            "version": 1.0, "output": [{"o": "<% ctx().nothing %>"}], "tasks": {"t1": {"action": "a"}},
        });
        let conductor = conductor(&definition.to_string());
        let (mut state, _) = conductor.start(&dict(&json!({})), &dict(&json!({})));
        conductor.request(&mut state, Status::Running).unwrap();
        for status in [Status::Running, end] {
            report("t1", 0, status, &json!(null))
                .apply(&conductor, &mut state)
                .unwrap();
        }
        assert_eq!(
            (state.status(), state.errors().len()),
            (expected, 1),
            "{end}"
        );
    }
}

#[test]
fn of_tasks_to_run_again_those_behind_every_other_one_are_dropped() {
    let to =
        |next: &str| json!({"action": "a", "next": [{"when": "<% completed() %>", "do": next}]});
    let mut run = Run::new(&json!({"t1": to("t2"), "t2": {"action": "a"}}));
    run.offered();
    run.end("t1", 0, Status::Failed);
    run.offered();
    run.end("t2", 0, Status::Failed);
    assert_eq!(run.state.status(), Status::Failed);

    let again = |id| RerunRequest {
        task: task(id, 0),
        reset_items: false,
    };
    run.apply(&Operation::Rerun(Some(vec![again("t2"), again("t1")])))
        .unwrap();

    assert_eq!(run.offered(), ["t1|0"]);
    assert_eq!(run.state.errors().count(), 1);
}

#[test]
fn whether_a_report_of_an_item_ends_its_task_is_known_before() {
    let mut run = Run::new(&json!({"t1": {"action": "a", "with": "<% ctx(l) %>"}}));
    run.next();
    for item in 0..4 {
        run.apply(&item_report("t1", item, Status::Running, &json!([])))
            .unwrap();
    }
    for item in 0..4 {
        let ends = run
            .conductor
            .ends(&run.state, &task("t1", 0), item, Status::Succeeded);
        run.apply(&item_report("t1", item, Status::Succeeded, &json!([])))
            .unwrap();
        assert_eq!(
            ends,
            run.state.sequence()[0].status == Status::Succeeded,
            "{item}"
        );
        assert_eq!(ends, item == 3);
    }
}

#[test]
fn a_failed_expression_is_told_once_with_its_field() {
    let bad = "<% int(x) %>";
    let field = |task: Json| {
        let mut run = Run::new(&json!({ "t1": task, "t2": { "action": "a" } }));
        run.next();
        if run.state.errors().len() == 0 {
            run.end("t1", 0, Status::Succeeded);
        }
        let mut errors = run.errors();
        errors.retain(|message| message.contains(&format!("'{bad}'")));
        assert_eq!(errors.len(), 1, "{errors:?}");
        let (_, field) = errors[0].rsplit_once(" (in ").unwrap();
        field.to_owned()
    };

    assert_eq!(field(json!({"action": bad})), "`action`)");
    assert_eq!(
        field(json!({"action": "a", "input": {"i": bad}})),
        "`input`)"
    );
    assert_eq!(field(json!({"action": "a", "delay": bad})), "`delay`)");
    assert_eq!(field(json!({"action": "a", "with": bad})), "`with`)");
    assert_eq!(
        field(json!({"action": "a", "next": [{"when": bad}]})),
        "`when`)"
    );
    let publish = json!([{"one": bad}, {"two": bad}]);
    let next = json!([{"publish": publish, "do": "t2"}]);
    assert_eq!(
        field(json!({"action": "a", "next": next})),
        "`publish`, `one`)"
    );
}

#[test]
fn what_json_cannot_say_is_published_as_it_would_be_stored() {
    // What is published, and the text that a later task makes of it.
    let table = [
        ("<% [1, 2].toDict($, $ + 1) %>", "{'1': 2, '2': 3}"),
        ("{{ {1: {none: 2} } }}", "{'1': {'null': 2}}"),
        ("{{ (1, 2) }}", "[1, 2]"),
        ("<% [1, 1].toSet() %>", "[1]"),
        ("<% datetime(2024, 1, 2) %>", "2024-01-02T00:00:00+00:00"),
    ];
    for (published, expected) in table {
        let mut run = Run::new(&json!({
            "t1": {
                "action": "core.noop",
                "next": [{"publish": [{"v": published}], "do": "t2"}],
            },
            "t2": {"action": "core.echo", "input": {"as text": "<% ctx(v) %> ", "as it is": "<% ctx(v) %>"}},
        }));
        run.next();
        run.end("t1", 0, Status::Succeeded);

        let offers = run.next();

        assert_eq!(run.errors(), Vec::<&str>::new(), "{published}");
        let input = offers[0].actions[0].input.to_json().unwrap();
        assert_eq!(input["as text"], format!("{expected} "), "{published}");
        // A store keeps it, and gives back the same.
        let context = run.state.contexts()[1].clone();
        let stored = Value::Dict(context.clone()).to_json().unwrap();
        assert_eq!(
            Value::from_json(&stored),
            Value::Dict(context),
            "{published}"
        );
    }
}

#[test]
fn what_runs_twice_at_once_shares_its_items() {
    let mut run = Run::new(&json!({
        "t1": {
            "action": "core.echo",
            "with": "<% [1, 2] %>",
            "retry": {"count": 3, "when": "<% completed() %>"},
        },
    }));
    let item = |item, status| item_report("t1", item, status, &json!([1, 1]));
    run.next();
    for (at, status) in [
        (0, Status::Running),
        (1, Status::Running),
        (0, Status::Succeeded),
        (1, Status::Succeeded),
    ] {
        run.apply(&item(at, status)).unwrap();
    }
    let again = run.next();
    assert_eq!(again[0].actions.len(), 2);

    // Requested is no status that a task in `retrying` leaves for: it is staged a second time.
    run.apply(&item(0, Status::Requested)).unwrap();
    for at in [0, 1] {
        run.apply(&item(at, Status::Running)).unwrap();
    }

    assert_eq!(run.next(), []);
}
