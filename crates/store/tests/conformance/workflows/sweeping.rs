//! Workflows that want a conductor and have none.

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionId, ExecutionStatus as S};
use serde_json::json;
use store::{Retention, Store};

use super::begun::*;
use crate::builders::*;
use crate::harness::Fixture;

cases! {
    finds_what_was_requested_and_not_claimed
    finds_what_nobody_conducts_any_more
    finds_paused_workflows_whose_children_have_news
    keeps_the_records_of_open_workflows_and_drops_those_of_others
}

async fn unconducted(store: &Store, now: DateTime<Utc>) -> Vec<ExecutionId> {
    let found = store.unconducted_workflows(now, now, 100).await.unwrap();
    ids_of(&found)
}

async fn finds_what_was_requested_and_not_claimed(fixture: Fixture) {
    let store = &fixture.store;
    let mut requested: Vec<Execution> = (0..4).map(|n| workflow_at(seconds_later(n))).collect();
    requested[2].runner = "action-chain".into();
    let mut delayed = workflow();
    delayed.status = S::Delayed;
    delayed.delay_ms = Some(60_000);
    let mut waiting = workflow();
    waiting.status = S::Delayed;
    let mut ended = workflow();
    ended.status = S::Canceled;
    store.request_executions(&requested).await.unwrap();
    store
        .request_executions(&[delayed.clone(), waiting, ended, execution()])
        .await
        .unwrap();
    claim(store, &[requested[1].id], "a").await;

    let found = store
        .unconducted_workflows(seconds_later(3), seconds_later(3), 10)
        .await
        .unwrap();
    let first = store
        .unconducted_workflows(seconds_later(3), seconds_later(3), 1)
        .await
        .unwrap();

    assert_eq!(found, [requested[0].clone(), requested[2].clone()]);
    assert_eq!(first, found[..1]);
    let later = store
        .unconducted_workflows(seconds_later(61), noon(), 10)
        .await
        .unwrap();
    assert!(ids_of(&later).contains(&delayed.id));
}

async fn finds_what_nobody_conducts_any_more(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 6).await;
    set(store, ids[1], S::Canceling).await;
    set(store, ids[2], S::Paused).await;
    set(store, ids[3], S::Pending).await;
    advance(store, ending(ids[4], "a", json!(1))).await;
    store.release_workflows(&ids[5..], "a").await.unwrap();

    assert_eq!(unconducted(store, seconds_later(30)).await, ids[5..]);
    assert_eq!(
        unconducted(store, seconds_later(31)).await,
        [ids[0], ids[1], ids[5]]
    );
    set(store, ids[2], S::Resuming).await;
    assert_eq!(unconducted(store, seconds_later(4)).await, [ids[2], ids[5]]);
}

/// A child that `r` runs.
async fn running_child(store: &Store, workflow: ExecutionId) -> ExecutionId {
    let child = child_of(workflow);
    store
        .request_executions(std::slice::from_ref(&child))
        .await
        .unwrap();
    store
        .claim_executions(&[child.id], &lease("r"), &runner(), noon())
        .await
        .unwrap();
    child.id
}

async fn end_at(store: &Store, child: ExecutionId, at: DateTime<Utc>) {
    let mut end = end(child, "r", json!(1));
    end.at = at;
    assert_eq!(store.finish_executions(&[end]).await.unwrap(), [child]);
}

async fn finds_paused_workflows_whose_children_have_news(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 5).await;
    let mut children = Vec::new();
    for id in &ids {
        children.push(running_child(store, *id).await);
    }
    // News of before, which the pause has seen.
    end_at(store, children[0], seconds_later(100)).await;
    set(store, children[1], S::Pending).await;
    let steps: Vec<_> = ids
        .iter()
        .map(|id| {
            let mut paused = with_status(*id, S::Paused);
            paused.at = seconds_later(200);
            paused
        })
        .collect();
    store.advance_workflows(&steps).await.unwrap();
    assert_eq!(unconducted(store, seconds_later(900)).await, vec![]);

    end_at(store, children[2], seconds_later(201)).await;
    let mut waits = store::StatusChange {
        id: children[3],
        expected: vec![S::Running],
        next: S::Pending,
        at: seconds_later(202),
        result: None,
        follow_ups: Vec::new(),
    };
    store.change_status(&waits).await.unwrap();
    waits.id = children[4];
    waits.next = S::Pausing;
    store.change_status(&waits).await.unwrap();

    assert_eq!(unconducted(store, seconds_later(900)).await, ids[2..4]);
    // Somebody looks at them.
    let won = claim(store, &ids[2..4], "b").await;
    assert_eq!(ids_of(&won), ids[2..4]);
    assert_eq!(unconducted(store, seconds_later(20)).await, vec![]);
    // It dies: they are found again.
    assert_eq!(unconducted(store, seconds_later(900)).await, ids[2..4]);
    for id in &ids[2..4] {
        let mut seen = step(*id, "b", vec![]);
        seen.is_released = true;
        seen.at = seconds_later(300);
        advance(store, seen).await;
    }
    assert_eq!(unconducted(store, seconds_later(900)).await, vec![]);
}

async fn keeps_the_records_of_open_workflows_and_drops_those_of_others(fixture: Fixture) {
    let store = &fixture.store;
    let long_ago = noon() - chrono::TimeDelta::days(40);
    // With partitions for one of two days.
    store.prepare_partitions(long_ago).await.unwrap();
    let days = [long_ago, long_ago - chrono::TimeDelta::days(20)];
    for day in days {
        let all: Vec<Execution> = (0..2).map(|_| workflow_at(day)).collect();
        let ids = ids_of(&all);
        store.request_executions(&all).await.unwrap();
        claim(store, &ids, "a").await;
        let begin = |execution: &Execution| store::WorkflowStep {
            beginning: Some(store::WorkflowBeginning {
                definition: DEFINITION.into(),
                context: execution.context.clone(),
            }),
            ..step(execution.id, "a", vec![put("run", "1")])
        };
        let steps: Vec<_> = all.iter().map(begin).collect();
        store.advance_workflows(&steps).await.unwrap();
        advance(store, ending(ids[0], "a", json!(1))).await;
        advance(store, with_status(ids[1], S::Paused)).await;
        let retention = Retention {
            executions_before: Some(noon()),
            ..Retention::default()
        };

        store.apply_retention(&retention).await.unwrap();

        let kept = store.workflow(ids[1]).await.unwrap().unwrap();
        assert_eq!(kept.definition, DEFINITION);
        assert_eq!(kept.records, [("run".into(), "1".into())]);

        claim(store, &ids[1..], "a").await;
        advance(store, ending(ids[1], "a", json!(1))).await;
        store.apply_retention(&retention).await.unwrap();

        for id in ids {
            assert_eq!(store.execution(id).await.unwrap(), None);
            assert_eq!(store.workflow(id).await.unwrap(), None);
        }
        store.prepare_partitions(long_ago).await.unwrap();
    }
}
