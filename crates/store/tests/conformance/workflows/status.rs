//! A conductor's states beside what others ask for.

use model::{ExecutionStatus as S, LogEntry};

use super::begun::*;
use crate::builders::*;
use crate::harness::Fixture;

cases! {
    sets_states_where_nobody_asked_for_another
    tells_a_state_once
    releases_what_it_says_is_released
    stores_the_rest_of_a_step_whose_state_is_not_set
}

async fn sets_states_where_nobody_asked_for_another(fixture: Fixture) {
    let store = &fixture.store;
    let cases = [
        (S::Running, S::Pausing, S::Pausing),
        (S::Pausing, S::Paused, S::Paused),
        (S::Resuming, S::Running, S::Running),
        (S::Pausing, S::Running, S::Running),
        (S::Canceling, S::Running, S::Canceling),
        (S::Canceling, S::Paused, S::Canceling),
        (S::Canceling, S::Pausing, S::Canceling),
        (S::Running, S::Canceling, S::Canceling),
        (S::Running, S::Succeeded, S::Running),
        (S::Running, S::Requested, S::Running),
    ];
    let ids = begun(store, cases.len()).await;
    let mut logs = Vec::new();
    for (id, (current, _, _)) in ids.iter().zip(cases) {
        if current != S::Running {
            set(store, *id, current).await;
        }
        logs.push(now_is(store, *id).await.log);
    }

    let steps: Vec<_> = ids
        .iter()
        .zip(cases)
        .map(|(id, (_, next, _))| with_status(*id, next))
        .collect();
    let advanced = store.advance_workflows(&steps).await.unwrap();

    for (number, (current, next, expected)) in cases.into_iter().enumerate() {
        let (id, log, told) = (&ids[number], &logs[number], advanced[number]);
        assert_eq!(told, (*id, expected), "{current} -> {next}");
        let execution = now_is(store, *id).await;
        assert_eq!(execution.status, expected, "{current} -> {next}");
        let mut log = log.clone();
        if expected != current {
            log.push(LogEntry {
                timestamp: seconds_later(3),
                status: expected,
            });
        }
        assert_eq!(execution.log, log, "{current} -> {next}");
        assert_eq!(execution.lease.is_some(), expected != S::Paused);
    }
}

async fn tells_a_state_once(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 1).await;
    let before = now_is(store, ids[0]).await;

    advance(store, with_status(ids[0], S::Running)).await;
    assert_eq!(now_is(store, ids[0]).await, before);
    set(store, ids[0], S::Paused).await;
    claim(store, &ids, "a").await;
    // It is paused already, and nobody holds what is paused.
    advance(store, with_status(ids[0], S::Paused)).await;

    let execution = now_is(store, ids[0]).await;
    assert_eq!(passed(&execution)[3..], [(2, S::Paused)]);
    assert_eq!(execution.lease, None);
}

async fn releases_what_it_says_is_released(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 2).await;

    for id in &ids {
        let mut step = with_status(*id, S::Pausing);
        step.is_released = *id == ids[0];
        advance(store, step).await;
    }

    assert_eq!(now_is(store, ids[0]).await.lease, None);
    assert_eq!(now_is(store, ids[1]).await.lease, Some(lease("a")));
    assert_eq!(advance(store, with_status(ids[0], S::Paused)).await, vec![]);
}

async fn stores_the_rest_of_a_step_whose_state_is_not_set(fixture: Fixture) {
    let store = &fixture.store;
    let ids = begun(store, 1).await;
    set(store, ids[0], S::Canceling).await;
    let child = child_of(ids[0]);
    let mut paused = with_status(ids[0], S::Paused);
    paused.changes = vec![put("run", "1")];
    paused.requests = vec![child.clone()];

    let advanced = advance(store, paused).await;

    assert_eq!(advanced, [(ids[0], S::Canceling)]);
    assert_eq!(keys(store, ids[0]).await, ["run"]);
    assert_eq!(now_is(store, child.id).await, child);
    // Its holder is told of the other wish, and still holds it.
    assert_eq!(now_is(store, ids[0]).await.lease, Some(lease("a")));
}
