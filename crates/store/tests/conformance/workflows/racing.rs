//! Several holders at once.

use std::collections::HashSet;

use futures::future::join_all;
use model::{ExecutionId, ExecutionStatus as S, Lease};
use serde_json::json;
use store::{Store, WorkflowBeginning, WorkflowStep};

use super::begun::*;
use crate::builders::*;
use crate::harness::Fixture;

cases! {
    gives_each_workflow_to_one_of_many
    lets_only_the_holder_go_on_while_another_takes_over
    stores_overlapping_steps_without_waiting_in_circles
    begins_many_with_the_same_definitions_at_once
    never_ends_as_canceled_what_ended_otherwise
}

async fn handles(fixture: &Fixture) -> Vec<Store> {
    let second = fixture.second().await;
    vec![
        fixture.store.clone(),
        second.clone(),
        fixture.store.clone(),
        second,
    ]
}

async fn gives_each_workflow_to_one_of_many(fixture: Fixture) {
    let requested: Vec<_> = (0..100).map(|_| workflow()).collect();
    fixture.store.request_executions(&requested).await.unwrap();
    let ids = ids_of(&requested);

    let handles = handles(&fixture).await;
    let claims = handles.iter().enumerate().map(|(number, store)| {
        let mut ids = ids.clone();
        ids.rotate_left(number * 25);
        async move {
            let mut won = Vec::new();
            for batch in ids.chunks(7) {
                won.extend(ids_of(&claim(store, batch, &format!("h{number}")).await));
            }
            won
        }
    });
    let won: Vec<ExecutionId> = join_all(claims).await.into_iter().flatten().collect();

    assert_eq!(won.len(), 100);
    assert_eq!(
        won.into_iter().collect::<HashSet<_>>(),
        ids.into_iter().collect()
    );
}

/// What each of two holders stored stands under its own key: a record of `a` that was stored is there, and none that
/// was not.
async fn lets_only_the_holder_go_on_while_another_takes_over(fixture: Fixture) {
    let ids = begun(&fixture.store, 20).await;
    let other = fixture.second().await;

    let old = async {
        let mut stored = HashSet::new();
        for round in 0..10 {
            let steps: Vec<_> = ids
                .iter()
                .map(|id| step(*id, "a", vec![put(&format!("a/{round}"), "1")]))
                .collect();
            for (id, _) in fixture.store.advance_workflows(&steps).await.unwrap() {
                stored.insert((id, format!("a/{round}")));
            }
        }
        stored
    };
    let new = async {
        let mut won = HashSet::new();
        while won.len() < ids.len() {
            let claimed = other
                .claim_workflows(&ids, &later_lease(), &runner(), seconds_later(31))
                .await
                .unwrap();
            let steps: Vec<_> = claimed
                .iter()
                .map(|execution| step(execution.id, "b", vec![put("b", "1")]))
                .collect();
            let advanced = other.advance_workflows(&steps).await.unwrap();
            assert_eq!(advanced.len(), claimed.len());
            won.extend(ids_of(&claimed));
        }
    };
    let (stored, ()) = tokio::join!(old, new);

    let late: Vec<_> = ids
        .iter()
        .map(|id| step(*id, "a", vec![put("late", "1")]))
        .collect();
    let late = fixture.store.advance_workflows(&late).await.unwrap();
    assert_eq!(late, vec![]);
    for id in &ids {
        let mut expected: Vec<String> = stored
            .iter()
            .filter(|(of, _)| of == id)
            .map(|(_, key)| key.clone())
            .collect();
        expected.push("b".into());
        expected.sort();
        assert_eq!(keys(&fixture.store, *id).await, expected);
        assert_eq!(now_is(&fixture.store, *id).await.lease, Some(later_lease()));
    }
}

async fn stores_overlapping_steps_without_waiting_in_circles(fixture: Fixture) {
    let ids = begun(&fixture.store, 60).await;
    let handles = handles(&fixture).await;

    let writers = handles.iter().enumerate().map(|(number, store)| {
        let mut ids = ids.clone();
        if number % 2 == 0 {
            ids.reverse();
        }
        ids.rotate_left(number * 15);
        async move {
            for round in 0..8 {
                let key = format!("{number}/{round}");
                let steps: Vec<_> = ids
                    .iter()
                    .map(|id| WorkflowStep {
                        requests: vec![child_of(*id)],
                        status: Some(if round % 2 == 0 {
                            S::Pausing
                        } else {
                            S::Running
                        }),
                        ..step(*id, "a", vec![remove_under("x"), put(&key, "1")])
                    })
                    .collect();
                let advanced = store.advance_workflows(&steps).await.unwrap();
                assert_eq!(advanced.len(), ids.len());
                let renewed = Lease {
                    holder: "a".into(),
                    expires_at: seconds_later(40),
                };
                store.renew_leases(&ids[..1], &renewed).await.unwrap();
            }
        }
    });
    let wishes = async {
        for id in ids.iter().rev() {
            set(&fixture.store, *id, S::Pausing).await;
        }
    };
    tokio::join!(join_all(writers), wishes);

    for id in &ids {
        assert_eq!(keys(&fixture.store, *id).await.len(), 32);
        assert_eq!(fixture.store.children(*id).await.unwrap().len(), 32);
    }
}

async fn begins_many_with_the_same_definitions_at_once(fixture: Fixture) {
    let requested: Vec<_> = (0..80).map(|_| workflow()).collect();
    fixture.store.request_executions(&requested).await.unwrap();
    let ids = ids_of(&requested);
    claim(&fixture.store, &ids, "a").await;
    let definition = |number: usize| format!("{DEFINITION}# {}", number % 10);

    // Each with its own handle, so that none knows what another has stored.
    let mut handles = Vec::new();
    for _ in 0..4 {
        handles.push(fixture.second().await);
    }
    let begin = handles.iter().enumerate().map(|(part, store)| {
        let mut steps: Vec<_> = requested
            .iter()
            .enumerate()
            .filter(|(number, _)| number % 4 == part)
            .map(|(number, execution)| WorkflowStep {
                beginning: Some(WorkflowBeginning {
                    definition: definition(number + part),
                    context: execution.context.clone(),
                }),
                ..step(execution.id, "a", vec![])
            })
            .collect();
        if part % 2 == 0 {
            steps.reverse();
        }
        async move { store.advance_workflows(&steps).await.unwrap().len() }
    });

    assert_eq!(join_all(begin).await, [20; 4]);
    for (number, id) in ids.iter().enumerate() {
        let stored = fixture.store.workflow(*id).await.unwrap().unwrap();
        assert_eq!(stored.definition, definition(number + number % 4));
    }
}

/// An end and a wish to cancel at once: whichever comes first, the workflow's end is the conductor's, and its log tells
/// what happened in its order.
async fn never_ends_as_canceled_what_ended_otherwise(fixture: Fixture) {
    let ids = begun(&fixture.store, 30).await;
    let other = fixture.second().await;

    let ends = async {
        for id in &ids {
            let told = advance(&fixture.store, ending(*id, "a", json!(1))).await;
            assert_eq!(told, [(*id, S::Succeeded)]);
        }
    };
    let wishes = async {
        for id in &ids {
            let change = store::StatusChange {
                id: *id,
                expected: vec![S::Running],
                next: S::Canceling,
                at: seconds_later(2),
                result: None,
                follow_ups: Vec::new(),
            };
            other.change_status(&change).await.unwrap();
        }
    };
    tokio::join!(ends, wishes);

    for id in ids {
        let execution = now_is(&fixture.store, id).await;
        assert_eq!(execution.status, S::Succeeded);
        let told: Vec<S> = passed(&execution)[3..]
            .iter()
            .map(|(_, status)| *status)
            .collect();
        assert!(
            told == [S::Succeeded] || told == [S::Canceling, S::Succeeded],
            "{told:?}"
        );
    }
}
