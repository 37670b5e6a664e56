//! Where tasks lead, and how chains end.

use serde_json::{Value, json};

use super::THREE;
use crate::run::stand::Stand;
use crate::{NotExpected, Refusal, Status, Step};

const OK: Status = Status::Succeeded;

fn three() -> Stand {
    Stand::new(THREE, &json!({}))
}

#[test]
fn successes_lead_to_the_end_and_to_a_result_in_st2s_form() {
    let mut stand = three();
    for n in 1..=3 {
        assert_eq!(
            stand.task(OK, json!({"n": n})).action,
            format!("wolfpack.a{n}")
        );
    }

    let (status, result) = stand.ended();

    assert_eq!(status, OK);
    assert_eq!(result["tasks"].as_array().unwrap().len(), 3);
    assert_eq!(
        result["tasks"][1],
        json!({
            "id": "c2", "name": "c2", "execution_id": "e1", "liveaction_id": "e1", "workflow": null,
            "created_at": "t3", "updated_at": "t4", "state": "succeeded", "result": {"n": 2},
        })
    );
    assert_eq!(result["published"], json!({}));
    assert_eq!((result.get("error"), result.get("traceback")), (None, None));
}

#[test]
fn a_failure_leads_to_on_failure_and_the_chain_ends_as_its_last_task() {
    for failure in [Status::Failed, Status::Timeout, Status::Abandoned] {
        let mut handled = three();
        handled.task(failure, json!({}));
        handled.task(OK, json!({}));
        assert_eq!(
            handled.path(),
            [format!("c1 {failure}"), "c4 succeeded".to_owned()]
        );
        assert_eq!(handled.ended().0, OK, "after {failure}");

        let mut last = three();
        last.task(Status::Failed, json!({}));
        last.task(failure, json!({}));
        let expected = if failure == Status::Timeout {
            failure
        } else {
            Status::Failed
        };
        assert_eq!(last.ended().0, expected);
    }
}

#[test]
fn a_canceled_task_cancels_the_chain() {
    let mut stand = three();
    stand.task(OK, json!({}));
    stand.task(Status::Canceled, json!({}));

    assert_eq!(stand.ended().0, Status::Canceled);
    assert_eq!(stand.path(), ["c1 succeeded", "c2 canceled"]);
}

#[test]
fn a_canceled_chain_ends_with_the_task_under_way_however_that_ends() {
    for end in [OK, Status::Failed, Status::Canceled] {
        let mut stand = three();
        stand.requested();
        stand.run.cancel().unwrap();
        assert_eq!(
            (stand.run.status(), stand.next()),
            (Status::Canceling, Step::Wait)
        );

        stand.report(end, json!({"x": 1}));

        let (status, result) = stand.ended();
        assert_eq!(
            (status, &result["tasks"][0]["result"]),
            (Status::Canceled, &json!({"x": 1}))
        );
        assert_eq!(
            stand.run.cancel(),
            Err(NotExpected::Ended(Status::Canceled))
        );
    }
}

#[test]
fn a_chain_with_no_task_under_way_is_canceled_at_once() {
    let mut stand = three();
    stand.run.cancel().unwrap();
    assert_eq!(
        stand.ended(),
        (Status::Canceled, json!({"tasks": [], "published": {}}))
    );
    assert_eq!(
        stand.run.requested("e0", "t1"),
        Err(NotExpected::Request(Status::Canceled))
    );
}

#[test]
fn a_request_that_is_refused_fails_its_task_only() {
    let mut stand = three();
    stand.refused(&Refusal::Request("\"p1\" is not a number".to_owned()));
    assert_eq!(stand.request().task.as_ref(), "c4");
    stand.task(OK, json!({}));

    let (status, result) = stand.ended();
    assert_eq!(status, OK);
    assert_eq!(
        result["tasks"][0],
        json!({
            "id": "c1", "name": "c1", "execution_id": null, "liveaction_id": null, "workflow": null,
            "created_at": "t1", "updated_at": "t1", "state": "failed",
            "result": {"error": "Failed running task \"c1\". \"p1\" is not a number", "traceback": ""},
        })
    );
}

#[test]
fn what_can_never_be_requested_ends_the_chain() {
    let cases = [
        (
            Refusal::NoSuchAction,
            "Failed to run task \"c2\". Action with reference \"wolfpack.a2\" doesn't exist.",
        ),
        (
            Refusal::Parameters("\"x\" is no array".to_owned()),
            "Failed to run task \"c2\". \"x\" is no array",
        ),
    ];
    for (refusal, error) in cases {
        let mut stand = three();
        stand.task(OK, json!({}));
        stand.refused(&refusal);

        let (status, result) = stand.ended();

        assert_eq!(
            (status, &result["error"], &result["traceback"]),
            (Status::Failed, &json!(error), &json!(""))
        );
        assert_eq!(result["tasks"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn names_that_are_expressions_lead_nowhere() {
    let mut stand = Stand::new(
        "chain: [{name: c1, ref: core.noop, on-success: '{{ x }}'}]",
        &json!({"x": "c1"}),
    );
    stand.task(OK, json!({}));
    let (status, result) = stand.ended();
    assert_eq!(status, Status::Failed);
    assert_eq!(
        result["error"],
        "Failed to get next node \"c1\". Unable to find node with name \"{{ x }}\"."
    );

    let mut stand = Stand::new(
        "{chain: [{name: c1, ref: core.noop}], default: '{{ x }}'}",
        &json!({}),
    );
    let (status, result) = stand.ended();
    assert_eq!(status, Status::Failed);
    assert_eq!(
        result["error"],
        "Failed to get starting node. Unable to find node with name \"{{ x }}\"."
    );
}

#[test]
fn a_report_counts_once_and_only_of_the_task_under_way() {
    let mut stand = three();
    stand.task(OK, json!({"first": true}));
    stand.requested();
    let before = stand.run.records();

    for stranger in ["e0", "e7"] {
        let refused = stand.try_report(stranger, Status::Failed, json!({}));
        assert_eq!(refused, Err(NotExpected::Report(stranger.to_owned())));
    }

    assert_eq!(stand.run.records(), before);
}

#[test]
fn an_execution_that_is_tried_again_takes_the_place_of_the_first() {
    let mut stand = three();
    stand.requested();
    stand.run.requested("again", "t9").unwrap();

    assert!(stand.try_report("e0", Status::Failed, Value::Null).is_err());
    stand.try_report("again", OK, json!({})).unwrap();

    assert_eq!(stand.path(), ["c1 succeeded"]);
    assert_eq!(stand.request().task.as_ref(), "c2");
}

#[test]
fn a_chain_that_is_given_up_fails_with_the_reason() {
    let mut stand = three();
    stand.requested();
    stand.run.give_up("the chain has run 100000 tasks").unwrap();

    let expected = json!({
        "tasks": [], "published": {}, "error": "the chain has run 100000 tasks", "traceback": "",
    });
    assert_eq!(stand.ended(), (Status::Failed, expected));
    assert_eq!(stand.run.error(), Some("the chain has run 100000 tasks"));
}

#[test]
fn a_loop_runs_tasks_again_and_expressions_see_the_latest() {
    let mut stand = Stand::new(
        "
chain:
  - {name: ask, ref: core.ask, on-success: tell}
  - {name: tell, ref: core.tell, params: {n: '{{ ask.n }}'}, on-success: ask}
default: ask
",
        &json!({}),
    );
    for n in 0..3 {
        stand.task(OK, json!({"n": n}));
        assert_eq!(
            stand.task(OK, json!({})).parameters["n"],
            json!(n.to_string())
        );
    }
    assert_eq!(stand.run.tasks().len(), 6);
}
