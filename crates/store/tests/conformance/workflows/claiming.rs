//! Who may conduct a workflow.

use model::{ExecutionStatus as S, Gate, Lease, RunnerInfo, WhenFull};
use serde_json::json;

use super::begun::*;
use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_a_requested_workflow_to_whoever_claims_first
    claims_only_open_workflows_whose_time_has_come
    takes_over_when_the_lease_is_over_and_keeps_the_state
    claims_at_once_what_was_given_back
    leaves_workflows_to_those_who_conduct
    holds_nothing_that_is_paused_or_pending
    leaves_what_waits_at_a_gate_alone
}

async fn gives_a_requested_workflow_to_whoever_claims_first(fixture: Fixture) {
    let store = &fixture.store;
    let mut chain = workflow();
    chain.runner = "action-chain".into();
    let mut scheduled = workflow();
    scheduled.status = S::Scheduled;
    let requested = [workflow(), chain, scheduled];
    let mut ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    ids.push(id());
    ids.reverse();

    let won = claim(store, &ids, "a").await;
    let won_again = claim(store, &ids, "b").await;

    assert_eq!(ids_of(&won), ids[1..]);
    assert_eq!(won_again, vec![]);
    for execution in &won {
        assert_eq!(execution.status, S::Running);
        assert_eq!(execution.lease, Some(lease("a")));
        assert_eq!(execution.runner_info, Some(runner()));
        assert_eq!(execution, &now_is(store, execution.id).await);
    }
    assert_eq!(passed(&won[2])[1..], [(0, S::Scheduled), (0, S::Running)]);
    assert_eq!(passed(&won[0])[1..], [(0, S::Running)]);
    assert_eq!(claim(store, &[], "a").await, vec![]);
}

async fn claims_only_open_workflows_whose_time_has_come(fixture: Fixture) {
    let store = &fixture.store;
    let mut delayed = workflow();
    delayed.status = S::Delayed;
    delayed.delay_ms = Some(10_000);
    let mut waiting = workflow();
    waiting.status = S::Delayed;
    let mut ended = workflow();
    ended.status = S::Failed;
    let no_workflow = execution();
    let all = [delayed, waiting, ended, no_workflow];
    let ids = ids_of(&all);
    store.request_executions(&all).await.unwrap();

    assert_eq!(claim(store, &ids, "a").await, vec![]);
    let due = store
        .claim_workflows(&ids, &lease("a"), &runner(), seconds_later(10))
        .await
        .unwrap();

    assert_eq!(ids_of(&due), ids[..1]);
    assert_eq!(passed(&due[0])[1..], [(10, S::Scheduled), (10, S::Running)]);
}

async fn takes_over_when_the_lease_is_over_and_keeps_the_state(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 2).await;
    set(store, ids[1], S::Canceling).await;
    let elsewhere = RunnerInfo {
        hostname: "elsewhere".into(),
        pid: 7,
    };

    let early = store
        .claim_workflows(&ids, &later_lease(), &elsewhere, seconds_later(30))
        .await
        .unwrap();
    let won = store
        .claim_workflows(&ids, &later_lease(), &elsewhere, seconds_later(31))
        .await
        .unwrap();

    assert_eq!(early, vec![]);
    let states: Vec<S> = won.iter().map(|execution| execution.status).collect();
    assert_eq!(states, [S::Running, S::Canceling]);
    assert_eq!(won[0].lease, Some(later_lease()));
    assert_eq!(won[0].runner_info, Some(elsewhere));
    assert_eq!(
        passed(&won[0]),
        [(0, S::Requested), (0, S::Scheduled), (0, S::Running)]
    );
    // Whoever held it before has lost it.
    assert_eq!(
        advance(store, step(ids[0], "a", vec![put("k", "1")])).await,
        vec![]
    );
    assert_eq!(records(store, ids[0]).await, vec![]);
    let renewed = Lease {
        holder: "a".into(),
        expires_at: seconds_later(200),
    };
    assert_eq!(store.renew_leases(&ids, &renewed).await.unwrap(), vec![]);
}

async fn claims_at_once_what_was_given_back(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 3).await;

    store.release_workflows(&ids[..1], "a").await.unwrap();
    store.release_workflows(&ids[1..], "b").await.unwrap();
    store.release_workflows(&[], "a").await.unwrap();

    let won = claim(store, &ids, "b").await;
    assert_eq!(ids_of(&won), ids[..1]);
    assert_eq!(won[0].status, S::Running);
}

async fn leaves_workflows_to_those_who_conduct(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 1).await;
    let requested = workflow();
    store
        .request_executions(std::slice::from_ref(&requested))
        .await
        .unwrap();

    let late = seconds_later(500);
    assert_eq!(store.unclaimed_executions(late, 10).await.unwrap(), vec![]);
    assert_eq!(store.expired_leases(late, 10).await.unwrap(), vec![]);
    let abandoned = store.abandon_expired(&ids, late, "lost").await.unwrap();
    assert_eq!(abandoned, vec![]);
    assert_eq!(now_is(store, ids[0]).await.status, S::Running);
}

async fn holds_nothing_that_is_paused_or_pending(fixture: Fixture) {
    let store = &fixture.store;
    let inquiry = execution();
    store
        .request_executions(std::slice::from_ref(&inquiry))
        .await
        .unwrap();
    store
        .claim_executions(&[inquiry.id], &lease("a"), &runner(), noon())
        .await
        .unwrap();
    let ids = begun(store, 1).await;

    let pending = set(store, inquiry.id, S::Pending).await;
    let paused = set(store, ids[0], S::Paused).await;

    assert_eq!((pending.lease, paused.lease), (None, None));
    let late = seconds_later(500);
    assert_eq!(store.expired_leases(late, 10).await.unwrap(), vec![]);
    let told_late = store
        .finish_executions(&[end(inquiry.id, "a", json!(1))])
        .await
        .unwrap();
    assert_eq!(told_late, vec![]);
    // A paused workflow is free for whoever hears of its child.
    let won = claim(store, &ids, "b").await;
    assert_eq!(won[0].status, S::Paused);
    assert_eq!(won[0].lease, Some(lease("b")));
}

async fn leaves_what_waits_at_a_gate_alone(fixture: Fixture) {
    let store = &fixture.store;
    let mut limited = workflow();
    limited.gates = vec![Gate {
        policy: "core.limit".into(),
        key: "core.limit".into(),
        threshold: 1,
        when_full: WhenFull::Delay,
    }];
    let free = workflow();
    let ids = [limited.id, free.id];
    store.request_executions(&[limited, free]).await.unwrap();

    let late = seconds_later(9);
    let unconducted = store.unconducted_workflows(late, late, 9).await.unwrap();
    let won = claim(store, &ids, "a").await;

    assert_eq!(ids_of(&unconducted), ids[1..]);
    assert_eq!(ids_of(&won), ids[1..]);
}
