//! What expressions see, what is published, what cannot be rendered.

use serde_json::{Value, json};

use crate::run::stand::{Stand, inputs};
use crate::{Inputs, Status};

const OK: Status = Status::Succeeded;

fn parameters(stand: &mut Stand) -> Value {
    Value::Object(stand.request().parameters)
}

#[test]
fn parameters_keep_their_types_and_templates_become_text_also_deep_inside() {
    let mut stand = Stand::new(
        "
chain:
  - name: c1
    ref: wolfpack.a2
    params:
      booltype: true
      inttype: 1
      numbertype: '{{ s3 }}'
      strtype: '{{ s2 }}'
      arrtype: ['{{ s1 }}', '{{ s2 }}', 7]
      objtype: {s2: '{{ s2 }}', k1: '{{ s1 }}', deep: {n: [null, 1.5, '{{ [s1, 2] }}']}}
",
        &json!({"s1": 1, "s2": "two", "s3": 3.25}),
    );
    let expected = json!({
        "booltype": true, "inttype": 1, "numbertype": "3.25", "strtype": "two", "arrtype": ["1", "two", 7],
        "objtype": {"s2": "two", "k1": "1", "deep": {"n": [null, 1.5, "[1, 2]"]}},
    });
    assert_eq!(parameters(&mut stand), expected);
}

#[test]
fn results_of_earlier_tasks_are_seen_by_name_and_all_at_once() {
    let mut stand = Stand::new(
        "
chain:
  - {name: c1, ref: a.b, params: {p1: '{{ s1 }}'}, on-success: c2}
  - {name: c2, ref: a.b, params: {p1: '{{ c1.o1 }}'}, on-success: c3}
  - {name: c3, ref: a.b, params: {out: '{{ __results }}', list: '{{ c2.rows[1].x }}'}}
",
        &json!({"s1": 1}),
    );
    assert_eq!(stand.task(OK, json!({"o1": "1"})).parameters["p1"], "1");
    assert_eq!(
        stand.task(OK, json!({"rows": [0, {"x": "y"}]})).parameters["p1"],
        "1"
    );

    let expected =
        json!({"out": "{'c1': {'o1': '1'}, 'c2': {'rows': [0, {'x': 'y'}]}}", "list": "y"});
    assert_eq!(parameters(&mut stand), expected);
}

#[test]
fn parameters_see_context_configuration_and_datastore() {
    let mut stand = Stand::new(
        "
chain:
  - name: c1
    ref: a.b
    params:
      user: '{{ action_context.parent.user }}'
      execution: '{{ action_context.parent.execution_id }}'
      host: '{{ config_context.host }}'
      item: '{{ st2kv.system.a.b.c }}{{ st2kv.user.a }}'
",
        &json!({"st2kv": "covered", "config_context": "covered"}),
    );
    let expected = json!({"user": "ann", "execution": "chain1", "host": "db1", "item": "twomine"});
    assert_eq!(parameters(&mut stand), expected);
}

#[test]
fn vars_see_parameters_and_the_datastore_and_cover_both_parameters_and_results() {
    let mut stand = Stand::new(
        "
vars:
  strtype: '{{ input_a }}'
  inttype: 1
  booltype: true
  unicode: 'čšž {{ input_a }}'
  item: '{{ st2kv.system.a }}'
  nested: {a: ['{{ input_a }}', 2]}
chain:
  - name: c1
    ref: a.b
    params: {a: '{{ strtype }}', b: '{{ inttype + 1 }}', c: '{{ unicode }}', d: '{{ item }}', e: '{{ nested.a }}', f: '{{ booltype }}'}
",
        &json!({"input_a": "two", "strtype": "covered"}),
    );
    let expected =
        json!({"a": "two", "b": "2", "c": "čšž two", "d": "1", "e": "['two', 2]", "f": "True"});
    assert_eq!(parameters(&mut stand), expected);
}

const PUBLISH: &str = "
vars: {o0: zero}
chain:
  - name: c1
    ref: a.b
    publish: {o1: '{{ c1.raw }}', given: '{{ given }}', keeps: 1, all: ['{{ o0 }}', '{{ __results.c1.raw }}']}
    on-success: c2
    on-failure: c2
  - {name: c2, ref: a.b, params: {x: '{{ o1 }} {{ given }} {{ keeps + 1 }} {{ all }}'}, publish: {o1: last}}
";

#[test]
fn what_a_task_publishes_is_seen_by_those_behind_and_in_the_result() {
    let mut stand = Stand::new(PUBLISH, &json!({"given": "g"}));
    stand.task(OK, json!({"raw": "r"}));
    assert_eq!(
        stand.run.result()["published"],
        json!({"o1": "r", "given": "g", "keeps": 1, "all": ["zero", "r"]})
    );
    assert_eq!(
        stand.task(OK, json!({})).parameters["x"],
        "r g 2 ['zero', 'r']"
    );
    assert_eq!(
        stand.ended().1["published"],
        json!({"o1": "last", "given": "g", "keeps": 1, "all": ["zero", "r"]})
    );
}

#[test]
fn published_variables_can_be_kept_out_of_the_result() {
    let given = Inputs {
        display_published: false,
        ..inputs(&json!({"given": "g"}))
    };
    let mut stand = Stand::with(PUBLISH, given);
    stand.task(OK, json!({"raw": "r"}));
    assert_eq!(
        stand.task(OK, json!({})).parameters["x"],
        "r g 2 ['zero', 'r']"
    );
    assert_eq!(stand.ended().1.get("published"), None);
}

#[test]
fn a_failed_task_publishes_too() {
    let mut stand = Stand::new(PUBLISH, &json!({"given": "g"}));
    stand.task(Status::Failed, json!({"raw": "bad"}));
    assert_eq!(
        stand.task(OK, json!({})).parameters["x"],
        "bad g 2 ['zero', 'bad']"
    );
}

#[test]
fn what_cannot_be_published_fails_the_chain_and_keeps_its_tasks() {
    let mut stand = Stand::new(PUBLISH, &json!({"given": "g"}));
    stand.task(OK, json!({"other": 1}));

    let (status, result) = stand.ended();

    assert_eq!(status, Status::Failed);
    let error = result["error"].as_str().unwrap();
    let expected = "Failed rendering value for publish parameter \"o1\" in task \"c1\" (template string={{ c1.raw }}): ";
    assert!(
        error.starts_with(expected) && error.len() > expected.len(),
        "{error}"
    );
    assert_eq!(
        (&result["traceback"], &result["tasks"][0]["state"]),
        (&json!(""), &json!("succeeded"))
    );
}

#[test]
fn a_canceled_task_publishes_nothing() {
    let mut stand = Stand::new(PUBLISH, &json!({"given": "g"}));
    stand.task(Status::Canceled, json!({}));
    assert_eq!(stand.ended().0, Status::Canceled);
    assert_eq!(stand.run.result()["published"], json!({}));
}

#[test]
fn parameters_that_cannot_be_rendered_fail_the_chain_whatever_is_on_failure() {
    let chain = "
chain:
  - {name: c1, ref: a.b, params: {p0: fine}, on-success: c2}
  - {name: c2, ref: a.b, params: {p0: 1, p1: '{{s1}}'}, on-failure: c1}
default: c1
";
    let mut stand = Stand::new(chain, &json!({}));
    stand.task(OK, json!({}));

    let (status, result) = stand.ended();

    assert_eq!(
        (status, result["tasks"].as_array().unwrap().len()),
        (Status::Failed, 1)
    );
    let error = result["error"].as_str().unwrap();
    for part in [
        "Failed to run task \"c2\". Parameter rendering failed.",
        "Failed rendering value for action parameter \"p1\" in task \"c2\" (template string={{s1}}): ",
        "`s1`",
    ] {
        assert!(error.contains(part), "{error}");
    }
    let (again, changes) = stand.run.next(&stand.chain, &stand.surroundings);
    assert!(changes.is_empty() && matches!(again, crate::Step::End { .. }));
}

#[test]
fn a_missing_member_of_the_context_is_an_error() {
    let chain =
        "chain: [{name: c1, ref: a.b, params: {x: '{{ action_context.parent.no_such_key }}'}}]";
    let mut stand = Stand::new(chain, &json!({}));
    assert!(
        stand.ended().1["error"]
            .as_str()
            .unwrap()
            .contains("no_such_key")
    );
}

#[test]
fn vars_that_cannot_be_rendered_fail_the_chain_before_its_first_task() {
    let mut stand = Stand::new(
        "{vars: {v: '{{ nope }}'}, chain: [{name: c1, ref: a.b}]}",
        &json!({}),
    );

    let (status, result) = stand.ended();

    assert_eq!((status, &result["tasks"]), (Status::Failed, &json!([])));
    let error = result["error"].as_str().unwrap();
    assert!(
        error.starts_with("Failed initializing ``vars`` in chain. "),
        "{error}"
    );
    assert!(
        error.contains("\"v\" (template string={{ nope }})"),
        "{error}"
    );
}

#[test]
fn a_task_that_is_never_reached_may_have_a_broken_template() {
    let mut stand = Stand::new(
        "chain: [{name: c1, ref: a.b, on-failure: c2}, {name: c2, ref: a.b, params: {x: '{{ 1 +'}}]",
        &json!({}),
    );
    stand.task(OK, json!({}));
    assert_eq!(stand.ended().0, OK);
}

#[test]
fn a_request_carries_the_context_of_its_execution() {
    let mut stand = Stand::new(
        "chain: [{name: c1, ref: a.b, params: {x: '{{ 1 }}'}, on-success: ''}]",
        &json!({}),
    );
    let expected = json!({
        "parent": {"execution_id": "chain1", "user": "ann", "pack": "demo"},
        "chain": {
            "name": "c1", "ref": "a.b", "params": {"x": "{{ 1 }}"}, "parameters": null, "on_success": "",
            "on_failure": null, "publish": null, "notify": null,
        },
    });
    assert_eq!(Value::Object(stand.request().context), expected);
}

#[test]
fn tasks_tell_whom_they_name_or_whom_the_chain_names_or_nobody() {
    let given = Inputs {
        notify: Some(json!({"on-failure": {"message": "chain"}})),
        skip_notify: vec!["quiet".to_owned()],
        ..inputs(&json!({}))
    };
    let mut stand = Stand::with(
        "
chain:
  - {name: own, ref: a.b, notify: {on-complete: {message: task}}, on-success: chains}
  - {name: chains, ref: a.b, notify: {}, on-success: quiet}
  - {name: quiet, ref: a.b, notify: {on-complete: {message: task}}}
",
        given,
    );
    assert_eq!(
        stand.task(OK, json!({})).notify,
        Some(json!({"on-complete": {"message": "task"}}))
    );
    assert_eq!(
        stand.task(OK, json!({})).notify,
        Some(json!({"on-failure": {"message": "chain"}}))
    );
    assert_eq!(stand.task(OK, json!({})).notify, None);
}

#[test]
fn what_is_secret_is_not_in_debug_output() {
    let mut stand = Stand::new(
        "chain: [{name: c1, ref: a.b, params: {x: '{{ key }}'}}]",
        &json!({"key": "hush"}),
    );
    let request = stand.requested();
    stand.report(OK, json!({"x": "hush"}));
    let shown = format!("{:?} {request:?} {:?}", stand.run, stand.surroundings);
    assert!(shown.contains("key") && !shown.contains("hush"), "{shown}");
}
