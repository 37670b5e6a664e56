//! What holds for any workflow, whatever happens to it and in whatever order.

use std::collections::BTreeSet;

use conductor::{RecordKey, RerunRequest, State, Status};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::{Operation, Store, conductor, dict, item_report, report, task, written};

const TASKS: [&str; 5] = ["t1", "t2", "t3", "t4", "t5"];

fn any_when() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some("<% succeeded() %>"),
        Some("<% failed() %>"),
        Some("<% ctx(x) < 3 %>"),
        Some("{{ ctx('x') > 1 }}"),
        Some("<% task_status(t1) = succeeded %>"),
        Some("<% ctx().nothing %>"),
    ])
}

fn any_publish() -> impl Strategy<Value = Json> {
    prop::sample::select(vec![
        json!([{"x": "<% ctx(x) + 1 %>"}]),
        json!([{"m": {"a": "<% result() %>"}}, {"y": "<% ctx(m) %>"}]),
        json!([{"m": 5}]),
        json!("x=3 y=<% ctx(x) %>"),
        json!([{"y": "<% ctx(m).nothing.more %>"}]),
    ])
}

fn any_transition() -> impl Strategy<Value = Json> {
    let targets = TASKS
        .into_iter()
        .chain(["noop", "fail", "continue", "retry"]);
    let targets =
        prop::collection::btree_set(prop::sample::select(targets.collect::<Vec<_>>()), 1..3);
    (
        any_when(),
        prop::option::weighted(0.4, any_publish()),
        targets,
    )
        .prop_map(|(when, publish, targets): (_, _, BTreeSet<&str>)| {
            let mut transition = json!({"do": targets});
            if let Some(when) = when {
                transition["when"] = json!(when);
            }
            if let Some(publish) = publish {
                transition["publish"] = publish;
            }
            transition
        })
}

fn any_task() -> impl Strategy<Value = Json> {
    let parts = prop::sample::select(vec![
        json!({"action": "a"}),
        json!({"action": "a", "join": "all"}),
        json!({"action": "a", "join": 1}),
        json!({"action": "a m=<% ctx(x) %>", "delay": 2}),
        json!({"action": "a", "retry": {"count": 2, "delay": 1}}),
        json!({"action": "a", "retry": {"count": "<% ctx(x) %>", "when": "<% completed() %>"}}),
        json!({"action": "a", "input": {"i": "<% item() %>"}, "with": "<% ctx(l) %>"}),
        json!({"action": "a", "with": {"items": "i in <% ctx(l) %>", "concurrency": 2}, "retry": {"count": 1}}),
        json!({}),
    ]);
    (parts, prop::collection::vec(any_transition(), 0..3)).prop_map(|(mut task, next)| {
        if !next.is_empty() {
            task["next"] = json!(next);
        }
        task
    })
}

fn any_definition() -> impl Strategy<Value = String> {
    prop::collection::vec(any_task(), 5).prop_map(|mut tasks| {
        // Something starts.
        tasks[0]["join"] = Json::Null;
        if let Some(task) = tasks[0].as_object_mut() {
            task.remove("join");
        }
        let mut all = serde_json::Map::new();
        all.insert("start".to_owned(), json!({"next": [{"do": ["t1", "t2"]}]}));
        for (name, task) in TASKS.iter().zip(tasks) {
            all.insert((*name).to_owned(), task);
        }
        json!({
            "version": 1.0,
            "input": ["x"],
            "vars": [{"m": {}}, {"y": 0}, {"l": [1, 2, 3]}],
            "output": [{"x": "<% ctx(x) %>"}, {"y": "<% ctx(y) %>"}],
            "tasks": all,
        })
        .to_string()
    })
}

fn any_status() -> impl Strategy<Value = Status> {
    prop_oneof![
        6 => Just(Status::Succeeded),
        5 => Just(Status::Running),
        3 => Just(Status::Failed),
        2 => prop::sample::select(Status::ALL.to_vec()),
    ]
}

fn any_operation() -> impl Strategy<Value = Operation> {
    let names = || prop::sample::select([&TASKS[..], &["start", "noop", "fail"]].concat());
    let results = || prop::sample::select(vec![json!(null), json!({"a": 1}), json!([1, 2, 3])]);
    prop_oneof![
        6 => Just(Operation::Next),
        1 => prop::sample::select(Status::ALL.to_vec()).prop_map(Operation::Request),
        1 => Just(Operation::Request(Status::Running)),
        12 => (names(), 0..3_usize, any_status(), results())
            .prop_map(|(name, route, status, result)| report(name, route, status, &result)),
        6 => (names(), 0..4_usize, any_status())
            .prop_map(|(name, item, status)| item_report(name, item, status, &json!([1, null, 3]))),
        1 => prop::option::of((names(), 0..2_usize, any::<bool>())).prop_map(|request| {
            Operation::Rerun(request.map(|(name, route, reset_items)| {
                vec![RerunRequest { task: task(name, route), reset_items }]
            }))
        }),
    ]
}

/// The keys of records that two states do not have in common.
fn different(one: &State, other: &State) -> BTreeSet<RecordKey> {
    let (one, other) = (written(one), written(other));
    let keys = one.keys().chain(other.keys());
    keys.filter(|key| one.get(key) != other.get(key))
        .copied()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn states_change_as_their_changes_say_or_not_at_all(
        definition in any_definition(),
        operations in prop::collection::vec(any_operation(), 1..60),
    ) {
        let conductor = conductor(&definition);
        let inputs = dict(&json!({"x": 1}));
        let (mut state, changes) = conductor.start(&inputs, &dict(&json!({})));
        let (mut replayed, _) = conductor.start(&inputs, &dict(&json!({})));
        let mut store = Store::default();
        store.write(&changes, &state);
        Operation::Request(Status::Running).apply(&conductor, &mut state).unwrap();
        let (_, changes) = Operation::Request(Status::Running).apply(&conductor, &mut replayed).unwrap();
        store.write(&changes, &state);
        for operation in operations {
            let before = state.clone();

            let outcome = operation.apply(&conductor, &mut state);

            let again = operation.apply(&conductor, &mut replayed);
            prop_assert_eq!(&outcome, &again, "the same again");
            if let Ok((_, changes)) = outcome {
                let named: BTreeSet<RecordKey> = changes.keys().collect();
                let changed = different(&before, &state);
                // Items that are gone are named by the record of all of them.
                let missed = changed.iter().filter(|key| match key {
                    RecordKey::Item(id, _) => {
                        !named.contains(*key) && !named.contains(&RecordKey::Items(*id))
                    }
                    _ => !named.contains(*key),
                });
                prop_assert_eq!(missed.count(), 0, "{:?} of {:?}", named, changed);
                store.write(&changes, &state);
            } else {
                prop_assert_eq!(different(&before, &state), BTreeSet::new());
            }
            // What was counted step by step is what counting all of it again gives.
            let loaded = store.load(&conductor);
            prop_assert_eq!(loaded.tallies(), state.tallies());
        }
        prop_assert_eq!(&store.0, &written(&state));
        prop_assert_eq!(&store.0, &written(&replayed));
    }
}
