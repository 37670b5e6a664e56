//! Executions that policies limit: who is admitted, and when.

use model::{Execution, ExecutionId, ExecutionStatus as S, Gate, Lease, WhenFull};
use serde_json::json;
use store::{Admission, GateLimit, StatusChange, Store};

use crate::builders::*;
use crate::harness::Fixture;

cases! {
    lets_nobody_claim_before_it_is_admitted
    admits_in_the_order_of_requests
    takes_a_place_from_whoever_ended
    counts_each_key_for_itself
    admits_only_where_every_gate_has_a_place
    refuses_where_nobody_may_wait
    counts_neither_paused_nor_pending_executions
    lets_pass_what_a_workflow_asks_for_itself
    admits_nobody_before_its_delay_is_over
    follows_limits_that_change
    never_admits_too_many_though_two_admit_at_once
    passes_over_who_was_cancelled_while_it_waited
    forgets_gates_of_executions_that_have_ended
    requests_again_what_did_nothing
    asks_for_more_where_many_are_new
    requests_the_next_try_with_an_end_that_is_stored
}

fn gate(key: &str, threshold: u32) -> Gate {
    Gate {
        policy: format!("demo.{key}"),
        key: key.to_owned(),
        threshold,
        when_full: WhenFull::Delay,
    }
}

/// An execution with these gates.
fn gated(gates: &[Gate]) -> Execution {
    let mut execution = execution();
    execution.gates = gates.to_vec();
    execution
}

async fn requested(store: &Store, count: usize, gates: &[Gate]) -> Vec<ExecutionId> {
    let executions: Vec<Execution> = (0..count).map(|_| gated(gates)).collect();
    store.request_executions(&executions).await.unwrap();
    ids_of(&executions)
}

async fn admit(store: &Store, keys: &[&str]) -> Admission {
    let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
    let admission = store
        .admit(&keys, &lease("admission"), seconds_later(1), 100)
        .await;
    admission.unwrap()
}

async fn run(store: &Store, ids: &[ExecutionId]) {
    let won = store
        .claim_executions(ids, &lease("a"), &runner(), seconds_later(2))
        .await;
    assert_eq!(won.unwrap(), ids);
}

async fn finish(store: &Store, id: ExecutionId) {
    let ended = store.finish_executions(&[end(id, "a", json!({}))]).await;
    assert_eq!(ended.unwrap(), [id]);
}

async fn change(store: &Store, id: ExecutionId, from: S, next: S) {
    let change = StatusChange {
        id,
        expected: vec![from],
        next,
        at: seconds_later(3),
        result: None,
        follow_ups: Vec::new(),
    };
    assert!(store.change_status(&change).await.unwrap().is_some());
}

async fn status(store: &Store, id: ExecutionId) -> S {
    store.execution(id).await.unwrap().unwrap().status
}

fn states(execution: &Execution) -> Vec<S> {
    execution.log.iter().map(|entry| entry.status).collect()
}

async fn lets_nobody_claim_before_it_is_admitted(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 1, &[gate("k", 1)]).await;

    let won = store
        .claim_executions(&ids, &lease("a"), &runner(), seconds_later(2))
        .await
        .unwrap();
    let unclaimed = store
        .unclaimed_executions(seconds_later(60), 10)
        .await
        .unwrap();
    let admission = admit(store, &["k"]).await;

    assert!(won.is_empty() && unclaimed.is_empty());
    assert_eq!(ids_of(&admission.admitted), ids);
    assert_eq!(states(&admission.admitted[0]), [S::Requested, S::Scheduled]);
    assert_eq!(admission.admitted[0].gates, [gate("k", 1)]);
    run(store, &ids).await;
    let running = store.execution(ids[0]).await.unwrap().unwrap();
    assert_eq!(states(&running), [S::Requested, S::Scheduled, S::Running]);
}

async fn admits_in_the_order_of_requests(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 5, &[gate("k", 2)]).await;

    let first = admit(store, &["k"]).await;
    let second = admit(store, &["k"]).await;

    assert_eq!(ids_of(&first.admitted), ids[..2]);
    assert_eq!(ids_of(&first.delayed), ids[2..]);
    assert_eq!(states(&first.delayed[0]), [S::Requested, S::Delayed]);
    assert!(second.admitted.is_empty() && second.delayed.is_empty());
    assert_eq!(store.waiting_keys(10).await.unwrap(), ["k"]);
}

async fn takes_a_place_from_whoever_ended(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 4, &[gate("k", 2)]).await;
    admit(store, &["k"]).await;
    run(store, &ids[..2]).await;

    finish(store, ids[1]).await;
    let next = admit(store, &["k"]).await;
    store
        .abandon_expired(&ids[..1], seconds_later(60), "lost")
        .await
        .unwrap();
    let last = admit(store, &["k"]).await;

    assert_eq!(ids_of(&next.admitted), ids[2..3]);
    assert_eq!(
        states(&next.admitted[0]),
        [S::Requested, S::Delayed, S::Scheduled]
    );
    assert_eq!(ids_of(&last.admitted), ids[3..]);
    assert!(store.waiting_keys(10).await.unwrap().is_empty());
}

async fn counts_each_key_for_itself(fixture: Fixture) {
    let store = &fixture.store;
    let first = requested(store, 2, &[gate("a", 1)]).await;
    let second = requested(store, 2, &[gate("b", 1)]).await;

    let admission = admit(store, &["a", "b"]).await;

    assert_eq!(ids_of(&admission.admitted), [first[0], second[0]]);
}

async fn admits_only_where_every_gate_has_a_place(fixture: Fixture) {
    let store = &fixture.store;
    let both = [gate("all", 3), gate("host a", 1)];
    let on_a = requested(store, 70, &both).await;
    let on_b = requested(store, 2, &[gate("all", 3), gate("host b", 1)]).await;

    let admission = admit(store, &["all", "host a", "host b"]).await;
    run(store, &on_a[..1]).await;
    finish(store, on_a[0]).await;
    let next = admit(store, &["all", "host a"]).await;

    // Whom another gate holds up keeps nobody from the place that it cannot use.
    assert_eq!(ids_of(&admission.admitted), [on_a[0], on_b[0]]);
    assert_eq!(ids_of(&next.admitted), [on_a[1]]);
}

async fn refuses_where_nobody_may_wait(fixture: Fixture) {
    let store = &fixture.store;
    let no_waiting = Gate {
        when_full: WhenFull::Cancel,
        ..gate("k", 1)
    };
    let ids = requested(store, 3, &[no_waiting]).await;

    let admission = admit(store, &["k"]).await;

    assert_eq!(ids_of(&admission.admitted), ids[..1]);
    assert_eq!(ids_of(&admission.refused), ids[1..]);
    let refused = &admission.refused[0];
    assert_eq!(states(refused), [S::Requested, S::Canceling]);
    assert_eq!(refused.lease, Some(lease("admission")));
    assert_eq!(
        refused.result,
        Some(json!({
            "message": "Action canceled by policy \"demo.k\": it lets 1 run at a time, and no place was free.",
            "policy": "demo.k",
        }))
    );
    let mut canceled = end(refused.id, "admission", json!({}));
    canceled.status = S::Canceled;
    assert_eq!(store.finish_executions(&[canceled]).await.unwrap().len(), 1);
}

async fn counts_neither_paused_nor_pending_executions(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 3, &[gate("k", 1)]).await;
    admit(store, &["k"]).await;
    run(store, &ids[..1]).await;

    change(store, ids[0], S::Running, S::Paused).await;
    let second = admit(store, &["k"]).await;
    run(store, &ids[1..2]).await;
    change(store, ids[1], S::Running, S::Pending).await;
    let third = admit(store, &["k"]).await;

    assert_eq!(ids_of(&second.admitted), ids[1..2]);
    assert_eq!(ids_of(&third.admitted), ids[2..]);
}

async fn lets_pass_what_a_workflow_asks_for_itself(fixture: Fixture) {
    let store = &fixture.store;
    let workflow = requested(store, 1, &[gate("k", 1)]).await;
    admit(store, &["k"]).await;
    run(store, &workflow).await;
    let mut between = execution();
    between.context.parent = Some(workflow[0]);
    let (mut child, stranger) = (gated(&[gate("k", 1)]), gated(&[gate("k", 1)]));
    child.context.parent = Some(between.id);
    let mut other = gated(&[gate("k", 1), gate("l", 0)]);
    other.context.parent = Some(between.id);
    store
        .request_executions(&[between, stranger.clone(), child.clone(), other.clone()])
        .await
        .unwrap();

    let admission = admit(store, &["k"]).await;
    run(store, &[child.id]).await;
    finish(store, workflow[0]).await;
    let next = admit(store, &["k"]).await;

    assert_eq!(ids_of(&admission.admitted), [child.id]);
    assert_eq!(ids_of(&admission.delayed), [stranger.id, other.id]);
    // The child takes no place.
    assert_eq!(ids_of(&next.admitted), [stranger.id]);
}

async fn admits_nobody_before_its_delay_is_over(fixture: Fixture) {
    let store = &fixture.store;
    let (mut late, prompt) = (gated(&[gate("k", 1)]), gated(&[gate("k", 1)]));
    late.delay_ms = Some(10_000);
    store
        .request_executions(&[late.clone(), prompt.clone()])
        .await
        .unwrap();

    let admission = admit(store, &["k"]).await;
    let delayed = store
        .delayed_executions(seconds_later(1), 10)
        .await
        .unwrap();
    run(store, &[prompt.id]).await;
    finish(store, prompt.id).await;
    let early = admit(store, &["k"]).await;
    let due = store
        .admit(
            &["k".to_owned()],
            &lease("admission"),
            seconds_later(10),
            100,
        )
        .await
        .unwrap();

    assert_eq!(ids_of(&admission.admitted), [prompt.id]);
    assert_eq!(ids_of(&delayed), [late.id]);
    assert!(early.admitted.is_empty());
    assert_eq!(ids_of(&due.admitted), [late.id]);
}

async fn follows_limits_that_change(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 5, &[gate("k", 1)]).await;
    admit(store, &["k"]).await;
    let wider = GateLimit {
        policy: "demo.k".to_owned(),
        threshold: 3,
        when_full: WhenFull::Delay,
    };

    store.revise_gates(&[wider]).await.unwrap();
    let more = admit(store, &["k"]).await;
    store.revise_gates(&[]).await.unwrap();
    let waiting = store.waiting_keys(10).await.unwrap();
    let all = admit(store, &["k"]).await;

    assert_eq!(ids_of(&more.admitted), ids[1..3]);
    assert_eq!(waiting, ["k"]);
    assert_eq!(ids_of(&all.admitted), ids[3..]);
    assert!(store.waiting_keys(10).await.unwrap().is_empty());
}

async fn never_admits_too_many_though_two_admit_at_once(fixture: Fixture) {
    let (store, other) = (&fixture.store, fixture.second().await);
    let ids = requested(store, 20, &[gate("k", 3)]).await;

    let (one, two) = tokio::join!(admit(store, &["k"]), admit(&other, &["k"]));

    let mut admitted = ids_of(&one.admitted);
    admitted.extend(ids_of(&two.admitted));
    assert_eq!(admitted, ids[..3]);
}

async fn passes_over_who_was_cancelled_while_it_waited(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 3, &[gate("k", 1)]).await;
    change(store, ids[0], S::Requested, S::Canceled).await;

    let admission = admit(store, &["k"]).await;
    change(store, ids[2], S::Delayed, S::Canceled).await;
    run(store, &ids[1..2]).await;
    finish(store, ids[1]).await;
    let last = admit(store, &["k"]).await;

    assert_eq!(ids_of(&admission.admitted), ids[1..2]);
    assert!(last.admitted.is_empty());
    assert_eq!(status(store, ids[2]).await, S::Canceled);
    assert!(store.waiting_keys(10).await.unwrap().is_empty());
}

async fn forgets_gates_of_executions_that_have_ended(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 2, &[gate("k", 1)]).await;
    admit(store, &["k"]).await;
    run(store, &ids[..1]).await;
    finish(store, ids[0]).await;

    let removed = store.remove_closed_gates().await.unwrap();

    assert_eq!(removed, 1);
    assert_eq!(ids_of(&admit(store, &["k"]).await.admitted), ids[1..]);
}

async fn requests_again_what_did_nothing(fixture: Fixture) {
    let store = &fixture.store;
    let plain = execution();
    store
        .request_executions(std::slice::from_ref(&plain))
        .await
        .unwrap();
    let gated = requested(store, 2, &[gate("k", 1)]).await;
    admit(store, &["k"]).await;
    let ids = [plain.id, gated[0]];
    run(store, &ids).await;

    let held = store.request_again(&ids, seconds_later(10)).await.unwrap();
    let again = store.request_again(&ids, seconds_later(60)).await.unwrap();

    assert!(held.is_empty());
    assert_eq!(ids_of(&again), ids);
    assert_eq!(
        states(&again[0]),
        [S::Requested, S::Scheduled, S::Running, S::Requested]
    );
    assert_eq!(again[1].status, S::Scheduled);
    assert!(again.iter().all(|one| one.lease.is_none()));
    assert!(admit(store, &["k"]).await.admitted.is_empty());
    let other = Lease {
        expires_at: seconds_later(90),
        ..lease("b")
    };
    let won = store
        .claim_executions(&ids, &other, &runner(), seconds_later(61))
        .await;
    assert_eq!(won.unwrap(), ids);
}

async fn asks_for_more_where_many_are_new(fixture: Fixture) {
    let store = &fixture.store;
    let ids = requested(store, 7, &[gate("k", 1)]).await;
    let keys = ["k".to_owned()];
    let lease = lease("admission");

    let first = store
        .admit(&keys, &lease, seconds_later(1), 4)
        .await
        .unwrap();
    let second = store
        .admit(&keys, &lease, seconds_later(1), 4)
        .await
        .unwrap();

    assert!(first.is_partial && !second.is_partial);
    assert_eq!(ids_of(&first.delayed), ids[1..5]);
    assert_eq!(ids_of(&second.delayed), ids[5..]);
}

async fn requests_the_next_try_with_an_end_that_is_stored(fixture: Fixture) {
    let store = &fixture.store;
    let first = execution();
    store
        .request_executions(std::slice::from_ref(&first))
        .await
        .unwrap();
    run(store, &[first.id]).await;
    let (retry, lost) = (gated(&[gate("k", 1)]), execution());
    let with = |holder: &str, retry: &Execution| {
        let mut end = end(first.id, holder, json!({}));
        end.retry = Some(Box::new(retry.clone()));
        end
    };

    store
        .finish_executions(&[with("somebody else", &lost)])
        .await
        .unwrap();
    store.finish_executions(&[with("a", &retry)]).await.unwrap();

    assert!(store.execution(lost.id).await.unwrap().is_none());
    assert_eq!(
        store.execution(retry.id).await.unwrap().unwrap().gates,
        [gate("k", 1)]
    );
    assert_eq!(ids_of(&admit(store, &["k"]).await.admitted), [retry.id]);
}
