//! Steps: all of each is stored, or nothing.

use model::{ExecutionId, ExecutionStatus as S};
use serde_json::json;
use store::{Store, TraceFilter, WorkflowBeginning, WorkflowStep};

use super::begun::*;
use crate::builders::*;
use crate::harness::Fixture;

cases! {
    begins_a_workflow_with_its_definition_and_context
    changes_records_and_requests_executions
    changes_nothing_for_whoever_does_not_hold_the_workflow
    removes_under_a_prefix_before_it_puts
    takes_several_steps_of_a_workflow_in_their_order
    keeps_bodies_of_any_size_and_content
    ends_with_records_requests_and_follow_ups
    keeps_everything_across_a_restart
    stores_a_thousand_steps_at_once
    begins_traces_of_its_own_only
}

async fn begins_a_workflow_with_its_definition_and_context(fixture: Fixture) {
    let store = &fixture.store;
    let requested = [workflow(), workflow()];
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    claim(store, &ids, "a").await;
    assert_eq!(store.workflow(ids[0]).await.unwrap(), None);
    let mut context = requested[0].context.clone();
    context.workflow_execution = Some(id());
    let beginning = |id: ExecutionId, definition: &str| WorkflowStep {
        beginning: Some(WorkflowBeginning {
            definition: definition.into(),
            context: context.clone(),
        }),
        ..step(id, "a", vec![])
    };
    let long = format!("{DEFINITION}# {}", "x".repeat(90_000));

    let steps = [beginning(ids[0], DEFINITION), beginning(ids[1], &long)];
    store.advance_workflows(&steps).await.unwrap();
    // Begun is begun.
    advance(store, beginning(ids[1], DEFINITION)).await;

    for (id, definition) in [(ids[0], DEFINITION), (ids[1], long.as_str())] {
        let stored = store.workflow(id).await.unwrap().unwrap();
        assert!(stored.definition == definition, "{id}");
        assert_eq!(stored.records, vec![]);
        let execution = now_is(store, id).await;
        assert_eq!(execution.context, context);
        assert_eq!(execution.lease, Some(lease("a")));
        assert_eq!(execution.status, S::Running);
    }
}

async fn changes_records_and_requests_executions(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 2).await;
    let mut child = child_of(ids[0]);
    child.result = Some(json!("x".repeat(5000)));
    child.result_size = Some(5002);

    let first = WorkflowStep {
        requests: vec![child.clone()],
        ..step(
            ids[0],
            "a",
            vec![put("tasks/b", "2"), put("run", "{}"), put("tasks/a", "1")],
        )
    };
    let other = step(ids[1], "a", vec![put("run", "other")]);
    let advanced = store.advance_workflows(&[other, first]).await.unwrap();
    let second = step(
        ids[0],
        "a",
        vec![put("run", "{\"n\":1}"), remove("tasks/b"), remove("absent")],
    );
    advance(store, second).await;

    assert_eq!(advanced, [(ids[0], S::Running), (ids[1], S::Running)]);
    assert_eq!(
        records(store, ids[0]).await,
        [
            ("run".into(), "{\"n\":1}".to_owned()),
            ("tasks/a".into(), "1".to_owned())
        ]
    );
    assert_eq!(
        records(store, ids[1]).await,
        [("run".into(), "other".into())]
    );
    assert_eq!(now_is(store, child.id).await, child);
    assert_eq!(store.advance_workflows(&[]).await.unwrap(), vec![]);
}

async fn changes_nothing_for_whoever_does_not_hold_the_workflow(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 3).await;
    advance(store, ending(ids[1], "a", json!(1))).await;
    let before = now_is(store, ids[0]).await;
    let child = child_of(ids[0]);
    let mut foreign = ending(ids[0], "b", json!("b"));
    foreign.changes = vec![put("k", "1")];
    foreign.requests = vec![child.clone()];
    foreign.end.as_mut().unwrap().follow_ups = vec![instance()];
    let follow_up = foreign.end.as_ref().unwrap().follow_ups[0].id;
    let mut torn = ending(ids[0], "a", json!("a"));
    torn.end.as_mut().unwrap().holder = "b".into();
    let mut open_end = ending(ids[0], "a", json!("a"));
    open_end.end.as_mut().unwrap().status = S::Paused;

    let steps = [
        foreign,
        torn,
        open_end,
        step(ids[1], "a", vec![put("k", "1")]),
        step(id(), "a", vec![put("k", "1")]),
        step(ids[2], "a", vec![put("k", "1")]),
    ];
    let advanced = store.advance_workflows(&steps).await.unwrap();

    assert_eq!(advanced, [(ids[2], S::Running)]);
    assert_eq!(now_is(store, ids[0]).await, before);
    assert_eq!(records(store, ids[0]).await, vec![]);
    assert_eq!(records(store, ids[1]).await, vec![]);
    assert_eq!(keys(store, ids[2]).await, ["k"]);
    assert_eq!(store.execution(child.id).await.unwrap(), None);
    assert_eq!(store.trigger_instance(follow_up).await.unwrap(), None);
}

async fn removes_under_a_prefix_before_it_puts(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 2).await;
    let some = ["a", "a/", "a/1", "a/1/x", "a/~", "a0", "b/1", "b%1"];
    for id in &ids {
        let changes = some.iter().map(|key| put(key, "old")).collect();
        advance(store, step(*id, "a", changes)).await;
    }

    let changes = vec![put("a/1", "new"), remove_under("a/"), remove_under("b_")];
    advance(store, step(ids[0], "a", changes)).await;

    assert_eq!(
        records(store, ids[0]).await,
        [
            ("a".into(), "old".to_owned()),
            ("a/1".into(), "new".to_owned()),
            ("a0".into(), "old".to_owned()),
            ("b%1".into(), "old".to_owned()),
            ("b/1".into(), "old".to_owned()),
        ]
    );
    assert_eq!(keys(store, ids[1]).await.len(), some.len());
    let all = step(ids[0], "a", vec![remove_under("")]);
    advance(store, all).await;
    assert_eq!(records(store, ids[0]).await, vec![]);
    assert_eq!(keys(store, ids[1]).await.len(), some.len());
}

async fn takes_several_steps_of_a_workflow_in_their_order(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 1).await;
    let paused = WorkflowStep {
        status: Some(S::Paused),
        ..step(ids[0], "a", vec![put("b", "2"), remove("a")])
    };

    let steps = [
        step(ids[0], "a", vec![put("a", "1"), put("b", "1")]),
        with_status(ids[0], S::Pausing),
        paused,
        // Released by the step before.
        step(ids[0], "a", vec![put("c", "1")]),
    ];
    let advanced = store.advance_workflows(&steps).await.unwrap();

    assert_eq!(advanced, [(ids[0], S::Paused)]);
    assert_eq!(records(store, ids[0]).await, [("b".into(), "2".into())]);
    let execution = now_is(store, ids[0]).await;
    assert_eq!(execution.lease, None);
    assert_eq!(passed(&execution)[3..], [(3, S::Pausing), (3, S::Paused)]);
}

async fn keeps_bodies_of_any_size_and_content(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 1).await;
    let lines: Vec<String> = (0..100_000).map(|line| format!("line {line}, ü")).collect();
    let bodies = [
        String::new(),
        "x".repeat(2048),
        "x".repeat(2049),
        json!("a\u{0}b").to_string(),
        "a raw \u{0} too".to_owned(),
        format!("{}\u{0}", "x".repeat(2048)),
        serde_json::to_string(&lines).unwrap(),
    ];
    let key = |number: usize| format!("body-{number}.x_/{number}");

    let changes = bodies
        .iter()
        .enumerate()
        .map(|(number, body)| put(&key(number), body))
        .collect();
    advance(store, step(ids[0], "a", changes)).await;
    let stored = records(store, ids[0]).await;
    // A large one becomes small, and a small one large.
    let changes = vec![put(&key(6), "small"), put(&key(0), &bodies[6])];
    advance(store, step(ids[0], "a", changes)).await;
    let turned = records(store, ids[0]).await;

    assert_eq!(stored.len(), bodies.len());
    for (number, ((stored_key, body), expected)) in stored.iter().zip(&bodies).enumerate() {
        assert_eq!(stored_key, &key(number));
        assert!(body == expected, "{stored_key}");
    }
    assert!(turned[0].1 == bodies[6]);
    assert_eq!(turned[6].1, "small");
}

async fn ends_with_records_requests_and_follow_ups(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 3).await;
    let child = child_of(ids[0]);
    let mut large = ending(ids[0], "a", json!("y".repeat(9000)));
    large.changes = vec![put("run", "ended")];
    large.requests = vec![child.clone()];
    large.end.as_mut().unwrap().follow_ups = vec![instance()];
    let follow_up = large.end.as_ref().unwrap().follow_ups[0].clone();
    let mut at_once = ending(ids[1], "a", json!({"n": 1}));
    at_once.status = Some(S::Canceling);
    at_once.is_released = true;
    at_once.end.as_mut().unwrap().status = S::Canceled;

    let steps = [large, at_once];
    let advanced = store.advance_workflows(&steps).await.unwrap();

    assert_eq!(advanced, [(ids[0], S::Succeeded), (ids[1], S::Canceled)]);
    let ended = now_is(store, ids[0]).await;
    assert_eq!(ended.status, S::Succeeded);
    assert_eq!(ended.end_timestamp, Some(seconds_later(5)));
    assert_eq!(ended.result, Some(json!("y".repeat(9000))));
    assert_eq!(ended.result_size, Some(9002));
    assert_eq!(ended.lease, None);
    assert_eq!(passed(&ended)[3..], [(5, S::Succeeded)]);
    assert_eq!(
        records(store, ids[0]).await,
        [("run".into(), "ended".into())]
    );
    assert_eq!(now_is(store, child.id).await, child);
    let found = store.trigger_instance(follow_up.id).await.unwrap();
    assert_eq!(found, Some(follow_up));
    let canceled = now_is(store, ids[1]).await;
    assert_eq!(canceled.result, Some(json!({"n": 1})));
    assert_eq!(canceled.lease, None);
    assert_eq!(
        passed(&canceled)[3..],
        [(3, S::Canceling), (5, S::Canceled)]
    );
    // An ended workflow stays as it is.
    assert_eq!(advance(store, ending(ids[0], "a", json!(2))).await, vec![]);
    assert_eq!(now_is(store, ids[0]).await, ended);
    assert_eq!(now_is(store, ids[2]).await.status, S::Running);
}

async fn keeps_everything_across_a_restart(fixture: Fixture) {
    let ids = begun(&fixture.store, 1).await;
    let large = "z".repeat(70_000);
    let child = child_of(ids[0]);
    let last = WorkflowStep {
        requests: vec![child.clone()],
        ..step(ids[0], "a", vec![put("run", "1"), put("large", &large)])
    };
    advance(&fixture.store, last).await;
    fixture.store.close().await;

    let again = fixture.second().await;
    let won = again
        .claim_workflows(&ids, &later_lease(), &runner(), seconds_later(31))
        .await
        .unwrap();

    assert_eq!(ids_of(&won), ids);
    let stored = again.workflow(ids[0]).await.unwrap().unwrap();
    assert_eq!(stored.definition, DEFINITION);
    assert!(stored.records == [("large".into(), large), ("run".into(), "1".into())]);
    let tasks = again.task_executions(ids[0]).await.unwrap();
    assert_eq!(ids_of(&tasks), [child.id]);
    // What it stored before is known to be stored, what it did not store is stored anew.
    let next = step(ids[0], "b", vec![remove("large")]);
    assert_eq!(advance(&again, next).await, [(ids[0], S::Running)]);
    assert_eq!(keys(&again, ids[0]).await, ["run"]);
}

async fn children(store: &Store, ids: &[ExecutionId]) -> usize {
    let mut count = 0;
    for id in ids {
        count += store.children(*id).await.unwrap().len();
    }
    count
}

async fn stores_a_thousand_steps_at_once(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 1000).await;

    let steps: Vec<WorkflowStep> = ids
        .iter()
        .enumerate()
        .map(|(number, id)| {
            let mut step = step(*id, if number == 500 { "b" } else { "a" }, vec![]);
            step.changes = (0..6)
                .map(|key| put(&format!("k/{key}"), &number.to_string()))
                .collect();
            step.requests = vec![child_of(*id)];
            match number % 3 {
                0 => step.status = Some(S::Paused),
                1 => step.end = Some(end(*id, "a", json!(number))),
                _ => step.is_released = number % 2 == 0,
            }
            if number == 500 {
                step.end = None;
            }
            step
        })
        .collect();
    let advanced = store.advance_workflows(&steps).await.unwrap();

    assert_eq!(advanced.len(), 999);
    assert_eq!(children(store, &ids).await, 999);
    let mut open = store.count_open_executions().await.unwrap();
    open.sort_by_key(|(status, _)| status.as_str());
    assert_eq!(
        open,
        [(S::Paused, 334), (S::Requested, 999), (S::Running, 333)]
    );
    for number in [0, 1, 499, 500, 999] {
        let expected: usize = if number == 500 { 0 } else { 6 };
        let stored = records(store, ids[number]).await;
        assert_eq!(stored.len(), expected);
        assert!(stored.iter().all(|(_, body)| *body == number.to_string()));
    }
    let again = steps.into_iter().map(|step| WorkflowStep {
        changes: vec![remove_under("k/"), remove("k"), put("z", "1")],
        requests: Vec::new(),
        status: None,
        end: None,
        ..step
    });
    let advanced = store
        .advance_workflows(&again.collect::<Vec<_>>())
        .await
        .unwrap();
    // Those that are neither paused, ended nor released.
    assert_eq!(advanced.len(), 166);
    assert_eq!(keys(store, ids[5]).await, ["z"]);
    assert_eq!(keys(store, ids[0]).await.len(), 6);
}

async fn begins_traces_of_its_own_only(fixture: Fixture) {
    let store = &fixture.store;
    let (_, mut parent) = fired(&instance());
    parent.runner = "orquesta".into();
    parent.context.trigger_instance = None;
    store
        .request_executions(std::slice::from_ref(&parent))
        .await
        .unwrap();
    claim(store, &[parent.id], "a").await;
    let mut within = child_of(parent.id);
    within.context.trace.clone_from(&parent.context.trace);
    let mut apart = child_of(parent.id);
    apart.context.trace = fired(&instance()).1.context.trace;

    let asks = WorkflowStep {
        requests: vec![within.clone(), apart.clone()],
        ..step(parent.id, "a", vec![])
    };
    advance(store, asks).await;

    assert_eq!(now_is(store, within.id).await, within);
    assert_eq!(now_is(store, apart.id).await, apart);
    let traces = store.traces(&TraceFilter::default(), ALL).await.unwrap();
    assert_eq!(traces.total, 2);
}
