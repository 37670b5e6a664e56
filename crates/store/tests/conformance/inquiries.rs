//! Executions that wait for an answer.

use model::{ExecutionId, ExecutionStatus as S};
use serde_json::{Value, json};
use store::{ExecutionFilter, FinishedExecution, PendingExecution};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    waits_for_an_answer_without_a_lease
    lets_nobody_ask_but_the_holder_of_what_runs
    ends_what_waits_once_with_its_follow_ups
    ends_nothing_that_does_not_wait
    finds_what_has_waited_too_long
}

fn question(id: ExecutionId, holder: &str) -> PendingExecution {
    PendingExecution {
        id,
        holder: holder.to_owned(),
        result: json!({ "schema": { "title": "t".repeat(4000) } }),
        at: seconds_later(2),
        until: Some(seconds_later(60)),
        follow_ups: vec![instance()],
    }
}

fn answer(id: ExecutionId, response: Value) -> FinishedExecution {
    let mut end = end(id, "", response);
    end.follow_ups = vec![instance()];
    end
}

async fn claimed(fixture: &Fixture) -> ExecutionId {
    let one = execution();
    let store = &fixture.store;
    store
        .request_executions(std::slice::from_ref(&one))
        .await
        .unwrap();
    let claimed = store
        .claim_executions(&[one.id], &lease("a"), &runner(), noon())
        .await;
    assert_eq!(claimed.unwrap(), [one.id]);
    one.id
}

async fn is_stored(fixture: &Fixture, follow_up: &model::TriggerInstance) -> bool {
    let found = fixture.store.trigger_instance(follow_up.id).await;
    found.unwrap().is_some()
}

async fn waits_for_an_answer_without_a_lease(fixture: Fixture) {
    let id = claimed(&fixture).await;
    let question = question(id, "a");

    let waiting = fixture
        .store
        .await_answers(std::slice::from_ref(&question))
        .await
        .unwrap();

    assert_eq!(waiting, [id]);
    let stored = fixture.store.execution(id).await.unwrap().unwrap();
    assert_eq!((stored.status, stored.lease), (S::Pending, None));
    assert_eq!(stored.end_timestamp, None);
    assert_eq!(stored.result, Some(question.result));
    assert_eq!(stored.log.last().unwrap().status, S::Pending);
    assert!(is_stored(&fixture, &question.follow_ups[0]).await);
    let listed = ExecutionFilter {
        statuses: Some(vec![S::Pending]),
        with_results: true,
        ..ExecutionFilter::default()
    };
    let page = model::Page {
        limit: 10,
        offset: 0,
    };
    let listed = fixture.store.executions(&listed, page).await.unwrap();
    assert_eq!(listed.items[0].result, stored.result);
    let unclaimed = fixture.store.unclaimed_executions(seconds_later(9999), 10);
    assert_eq!(unclaimed.await.unwrap(), [], "nobody runs it again");
    let expired = fixture.store.expired_leases(seconds_later(9999), 10);
    assert_eq!(expired.await.unwrap(), []);
}

async fn lets_nobody_ask_but_the_holder_of_what_runs(fixture: Fixture) {
    let store = &fixture.store;
    let id = claimed(&fixture).await;
    let of_another = question(id, "b");
    let late = question(id, "a");

    let by_another = store.await_answers(std::slice::from_ref(&of_another)).await;
    store
        .finish_executions(&[end(id, "a", json!(1))])
        .await
        .unwrap();
    let after_the_end = store.await_answers(std::slice::from_ref(&late)).await;

    assert_eq!(
        (by_another.unwrap(), after_the_end.unwrap()),
        (vec![], vec![])
    );
    assert!(!is_stored(&fixture, &of_another.follow_ups[0]).await);
    assert!(!is_stored(&fixture, &late.follow_ups[0]).await);
    let stored = store.execution(id).await.unwrap().unwrap();
    assert_eq!(
        (stored.status, stored.result),
        (S::Succeeded, Some(json!(1)))
    );
}

async fn ends_what_waits_once_with_its_follow_ups(fixture: Fixture) {
    let store = &fixture.store;
    let id = claimed(&fixture).await;
    store.await_answers(&[question(id, "a")]).await.unwrap();
    let (first, second) = (answer(id, json!("yes")), answer(id, json!("no")));

    assert!(store.end_pending(&first).await.unwrap());
    assert!(!store.end_pending(&second).await.unwrap());

    let stored = store.execution(id).await.unwrap().unwrap();
    assert_eq!(stored.status, S::Succeeded);
    assert_eq!(stored.end_timestamp, Some(first.at));
    assert_eq!(
        stored.result,
        Some(json!("yes")),
        "the large question is gone"
    );
    assert!(is_stored(&fixture, &first.follow_ups[0]).await);
    assert!(!is_stored(&fixture, &second.follow_ups[0]).await);
}

async fn ends_nothing_that_does_not_wait(fixture: Fixture) {
    let store = &fixture.store;
    let running = claimed(&fixture).await;
    let waiting = claimed(&fixture).await;
    store
        .await_answers(&[question(waiting, "a")])
        .await
        .unwrap();
    let mut open = answer(waiting, json!(1));
    open.status = S::Paused;

    assert!(!store.end_pending(&answer(running, json!(1))).await.unwrap());
    assert!(!store.end_pending(&open).await.unwrap(), "that is no end");

    for (id, status) in [(running, S::Running), (waiting, S::Pending)] {
        assert_eq!(store.execution(id).await.unwrap().unwrap().status, status);
    }
}

async fn finds_what_has_waited_too_long(fixture: Fixture) {
    let store = &fixture.store;
    let (first, second, ever) = (
        claimed(&fixture).await,
        claimed(&fixture).await,
        claimed(&fixture).await,
    );
    let for_ever = PendingExecution {
        until: None,
        ..question(ever, "a")
    };
    store
        .await_answers(&[question(second, "a"), for_ever, question(first, "a")])
        .await
        .unwrap();
    let overdue = async |seconds, limit| {
        let found = store.overdue_inquiries(seconds_later(seconds), limit).await;
        found.unwrap()
    };
    let mut both = vec![first, second];
    both.sort_unstable();

    assert_eq!(overdue(60, 10).await, vec![]);
    assert_eq!(overdue(61, 10).await, both);
    assert_eq!(overdue(61, 1).await, both[..1]);
    store.end_pending(&answer(both[0], json!(1))).await.unwrap();
    assert_eq!(overdue(9_999_999, 10).await, both[1..]);
}
