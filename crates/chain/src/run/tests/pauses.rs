//! Pausing and resuming, by people and by tasks.

use serde_json::json;

use super::THREE;
use crate::run::stand::Stand;
use crate::{NotExpected, Status, Step};

const OK: Status = Status::Succeeded;

fn three() -> Stand {
    Stand::new(THREE, &json!({}))
}

/// Checks that the chain rests, and gives the states in the result that it shows.
fn resting(stand: &mut Stand) -> Vec<String> {
    let Step::Rest { result } = stand.next() else {
        panic!("not at rest: {:?}", stand.run);
    };
    assert_eq!(stand.run.status(), Status::Paused);
    let tasks = result["tasks"].as_array().unwrap().iter();
    tasks
        .map(|task| {
            format!(
                "{} {}",
                task["name"].as_str().unwrap(),
                task["state"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn a_chain_pauses_behind_the_task_under_way_and_goes_on_from_its_result() {
    for (end, following) in [(OK, "c2"), (Status::Failed, "c4")] {
        let mut stand = three();
        stand.requested();
        stand.run.pause().unwrap();
        assert_eq!(
            (stand.run.status(), stand.next()),
            (Status::Pausing, Step::Wait)
        );

        stand.report(end, json!({}));
        assert_eq!(resting(&mut stand), [format!("c1 {end}")]);

        stand.run.resume().unwrap();
        assert_eq!(
            (stand.run.status(), &*stand.request().task),
            (Status::Running, following)
        );
    }
}

#[test]
fn a_pause_between_tasks_comes_at_once() {
    let mut stand = three();
    stand.run.pause().unwrap();
    assert_eq!(resting(&mut stand), [""; 0]);
    stand.run.resume().unwrap();
    assert_eq!(&*stand.request().task, "c1");
}

#[test]
fn a_request_that_was_under_way_when_the_pause_came_is_awaited() {
    let mut stand = three();
    stand.request();
    stand.run.pause().unwrap();
    stand.run.requested("e0", "t1").unwrap();
    assert_eq!(
        (stand.run.status(), stand.next()),
        (Status::Pausing, Step::Wait)
    );
    stand.report(OK, json!({}));
    assert_eq!(resting(&mut stand), ["c1 succeeded"]);
}

#[test]
fn a_pause_behind_the_last_task_still_pauses_and_the_chain_ends_when_resumed() {
    for (end, status) in [
        (OK, OK),
        (Status::Failed, Status::Failed),
        (Status::Timeout, Status::Timeout),
    ] {
        let mut stand = Stand::new("chain: [{name: c1, ref: a.b}]", &json!({}));
        stand.requested();
        stand.run.pause().unwrap();
        stand.report(end, json!({}));
        assert_eq!(resting(&mut stand).len(), 1);

        stand.run.resume().unwrap();

        assert_eq!(stand.ended().0, status);
    }
}

#[test]
fn published_variables_outlive_a_pause() {
    let mut stand = Stand::new(
        "
vars: {var0: '{{ message | upper }}'}
chain:
  - {name: c1, ref: a.b, publish: {var1: '{{ message }}'}, on-success: c2}
  - {name: c2, ref: a.b, params: {x: '{{ var0 }} {{ var1 }} {{ c1.out }}'}, publish: {var2: fubar}}
",
        &json!({"message": "foobar"}),
    );
    stand.requested();
    stand.run.pause().unwrap();
    stand.report(OK, json!({"out": 1}));
    stand.run.resume().unwrap();
    assert_eq!(stand.task(OK, json!({})).parameters["x"], "FOOBAR foobar 1");
    assert_eq!(
        stand.ended().1["published"],
        json!({"var1": "foobar", "var2": "fubar"})
    );
}

#[test]
fn a_paused_task_pauses_the_chain_and_is_resumed_with_it() {
    let mut stand = three();
    stand.requested();
    stand.report(Status::Paused, json!({"tasks": [1]}));
    assert_eq!(resting(&mut stand), ["c1 paused"]);

    stand.run.resume().unwrap();
    let resume = Step::Resume {
        execution_id: "e0".to_owned(),
    };
    assert_eq!((stand.next(), stand.next()), (resume.clone(), resume));
    stand.report(Status::Running, json!(null));
    assert_eq!(stand.next(), Step::Wait);
    stand.report(OK, json!({"tasks": [1, 2]}));

    assert_eq!(
        stand.run.result()["tasks"][0]["result"],
        json!({"tasks": [1, 2]})
    );
    assert_eq!(stand.run.result()["tasks"].as_array().unwrap().len(), 1);
    assert_eq!(&*stand.request().task, "c2");
}

#[test]
fn a_task_that_somebody_resumed_alone_leaves_its_chain_paused() {
    let mut stand = three();
    stand.requested();
    stand.report(Status::Paused, json!({}));
    stand.report(Status::Running, json!(null));
    assert!(matches!(stand.next(), Step::Rest { .. }));
    stand.report(OK, json!({}));
    assert_eq!(resting(&mut stand), ["c1 succeeded"]);

    stand.run.resume().unwrap();
    assert_eq!(&*stand.request().task, "c2");
}

#[test]
fn a_pause_that_reaches_the_task_itself_pauses_the_chain_with_it() {
    let mut stand = three();
    stand.requested();
    stand.run.pause().unwrap();
    stand.report(Status::Pausing, json!(null));
    assert_eq!(stand.next(), Step::Wait);
    stand.report(Status::Paused, json!({}));
    assert_eq!(resting(&mut stand), ["c1 paused"]);
}

#[test]
fn an_answer_lets_the_chain_go_on() {
    let mut stand = Stand::new(
        "
chain:
  - {name: ask, ref: core.ask, publish: {said: '{{ ask.response.word }}'}, on-success: tell}
  - {name: tell, ref: core.echo, params: {message: '{{ said }}'}}
",
        &json!({}),
    );
    stand.requested();
    stand.report(Status::Pending, json!({"schema": {}}));
    assert_eq!(resting(&mut stand), ["ask pending"]);
    stand.run.resume().unwrap();
    assert_eq!(resting(&mut stand), ["ask pending"]);

    stand.report(OK, json!({"response": {"word": "yes"}}));

    assert_eq!(stand.request().parameters["message"], "yes");
}

#[test]
fn an_answer_does_not_undo_a_pause_that_somebody_asked_for() {
    let mut stand = three();
    stand.requested();
    stand.report(Status::Pending, json!({}));
    stand.run.pause().unwrap();
    stand.report(OK, json!({}));
    assert_eq!(resting(&mut stand), ["c1 succeeded"]);
    stand.run.resume().unwrap();
    assert_eq!(&*stand.request().task, "c2");
}

#[test]
fn a_paused_chain_is_canceled_with_its_task() {
    for rest in [Status::Paused, Status::Pending] {
        let mut stand = three();
        stand.requested();
        stand.report(rest, json!({}));
        stand.run.cancel().unwrap();
        assert_eq!(
            (stand.run.status(), stand.next()),
            (Status::Canceling, Step::Wait)
        );
        stand.run.resume().unwrap();
        stand.run.pause().unwrap();
        assert_eq!(stand.run.status(), Status::Canceling);
        stand.report(Status::Canceled, json!({}));
        assert_eq!(stand.ended().0, Status::Canceled);
    }
}

#[test]
fn a_chain_that_has_ended_can_be_neither_paused_nor_resumed() {
    let mut stand = Stand::new("chain: [{name: c1, ref: a.b}]", &json!({}));
    stand.task(OK, json!({}));
    let ended = Err(NotExpected::Ended(OK));
    assert_eq!(
        (stand.run.pause(), stand.run.resume()),
        (ended.clone(), ended.clone())
    );
    assert_eq!(stand.run.give_up("no"), ended);
}
