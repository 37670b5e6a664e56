//! Definitions, in the shapes of StackStorm's own fixtures.

use serde_json::{Value, json};

use super::*;

fn node(name: &str, more: &Value) -> Value {
    let mut node = json!({"name": name, "ref": "core.noop"});
    node.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    node
}

fn refusal(document: &Value) -> (String, String) {
    let error = Chain::from_json(document).unwrap_err();
    (error.to_string(), error.path.join("."))
}

fn with_second(more: &Value) -> Value {
    json!({"chain": [node("c1", &json!({"on-success": "c2"})), node("c2", more)]})
}

#[test]
fn the_first_task_is_the_one_given_or_the_first_that_none_leads_to_or_the_first() {
    let start = |document: Value| {
        let chain = Chain::from_json(&document).unwrap();
        chain.default_task().to_owned()
    };
    let to = |target: &str| json!({"on-success": target});
    let nodes = json!([
        node("c2", &to("c3")),
        node("c3", &json!({})),
        node("c1", &json!({"on-failure": "c2"}))
    ]);

    assert_eq!(start(json!({"chain": nodes, "default": "c3"})), "c3");
    assert_eq!(start(json!({"chain": nodes, "default": ""})), "c1");
    assert_eq!(start(json!({"chain": nodes})), "c1");
    let loops = json!([node("a", &to("b")), node("b", &to("a"))]);
    assert_eq!(start(json!({"chain": loops})), "a");
}

#[test]
fn links_that_lead_nowhere_are_told_in_st2s_words() {
    let cases = [
        (
            with_second(&json!({"on-success": "c5"})),
            "Unable to find node with name \"c5\" referenced in \"on-success\" in task \"c2\".",
            "chain.1.on-success",
        ),
        (
            with_second(&json!({"on-failure": "other"})),
            "Unable to find node with name \"other\" referenced in \"on-failure\" in task \"c2\".",
            "chain.1.on-failure",
        ),
        (
            json!({"chain": [node("first_one", &json!({}))], "default": "frist_one"}),
            "Unable to find node with name \"frist_one\" referenced in \"default\". (did you mean \"first_one\"?)",
            "default",
        ),
    ];
    for (document, message, path) in cases {
        assert_eq!(refusal(&document), (message.to_owned(), path.to_owned()));
    }
}

#[test]
fn shapes_that_no_chain_has_are_refused_with_task_and_field() {
    let first = |more: &Value| json!({"chain": [node("c1", more)]});
    let cases = [
        (
            json!([]),
            "a chain is a mapping with \"chain\", not a list",
            "",
        ),
        (json!({"tasks": []}), "unknown key \"tasks\"", "tasks"),
        (json!({}), "\"chain\" is missing; it lists the tasks", ""),
        (
            json!({"chain": {}}),
            "\"chain\" must be a list of tasks, not a mapping",
            "chain",
        ),
        (
            json!({"chain": []}),
            "Failed to find default node: \"chain\" lists no tasks",
            "chain",
        ),
        (
            json!({"chain": ["c1"]}),
            "task 0 must be a mapping with \"name\" and \"ref\", not text",
            "chain.0",
        ),
        (
            json!({"chain": [{"name": "c1"}]}),
            "\"ref\" is missing in task \"c1\"",
            "chain.0",
        ),
        (
            json!({"chain": [{"ref": "a.b"}]}),
            "\"name\" is missing in task 0",
            "chain.0",
        ),
        (
            first(&json!({"on-sucess": "c1"})),
            "unknown key \"on-sucess\" in task \"c1\" (did you mean \"on-success\"?)",
            "chain.0.on-sucess",
        ),
        (
            first(&json!({"params": ["a"]})),
            "\"params\" in task \"c1\" must be a mapping, not a list",
            "chain.0.params",
        ),
        (
            first(&json!({"on-failure": null})),
            "\"on-failure\" in task \"c1\" must be text, not empty",
            "chain.0.on-failure",
        ),
        (
            first(&json!({"params": {"a": 1}, "parameters": {"a": 1}})),
            "Either \"params\" or \"parameters\" attribute needs to be provided, but not both in task \"c1\"",
            "chain.0.params",
        ),
        (
            first(&json!({"notify": {"on-complete": {"massage": "done"}}})),
            "unknown key \"massage\" in task \"c1\" (did you mean \"message\"?)",
            "chain.0.notify.on-complete.massage",
        ),
        (
            json!({"chain": [node("c1", &json!({}))], "vars": []}),
            "\"vars\" must be a mapping, not a list",
            "vars",
        ),
    ];
    for (document, message, path) in cases {
        assert_eq!(
            refusal(&document),
            (message.to_owned(), path.to_owned()),
            "{document}"
        );
    }
}

#[test]
fn behind_the_first_task_unknown_keys_and_empty_values_are_passed_over() {
    let document =
        with_second(&json!({"wait": 3, "on-success": null, "params": null, "notify": null}));

    let chain = Chain::from_json(&document).unwrap();

    let task = chain.task("c2").unwrap();
    assert_eq!((&task.on_success, &task.notify), (&None, &None));
}

#[test]
fn of_equal_names_the_first_counts() {
    let document = json!({"chain": [node("a", &json!({})), {"name": "a", "ref": "core.local"}]});

    let chain = Chain::from_json(&document).unwrap();

    assert_eq!(
        chain
            .tasks()
            .map(|task| task.action.as_str())
            .collect::<Vec<_>>(),
        ["core.noop"]
    );
}

#[test]
fn says_what_its_expressions_may_read() {
    let document = json!({
        "vars": {"a": "{{ st2kv.system.a.b }}"},
        "chain": [node("c1", &json!({
            "params": {"x": ["{{ st2kv.user.mine }}"]},
            "publish": {"y": "{{ st2kv.system.c }}", "broken": "{{ 1 +"},
        }))],
    });

    let chain = Chain::from_json(&document).unwrap();

    let names: Vec<&str> = chain
        .datastore()
        .names
        .iter()
        .map(|(_, name)| name.as_str())
        .collect();
    assert_eq!(names, ["a.b", "c", "mine"]);
    assert!(!chain.datastore().computed && !chain.reads_config());
    let document =
        json!({"chain": [node("c1", &json!({"params": {"x": "{{ config_context.x }}"}}))]});
    assert!(Chain::from_json(&document).unwrap().reads_config());
}
