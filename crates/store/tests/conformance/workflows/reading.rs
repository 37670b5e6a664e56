//! What a conductor reads when it takes a workflow over.

use chrono::TimeDelta;
use model::{ExecutionStatus as S, Object};
use serde_json::json;
use store::WorkflowStep;

use super::begun::*;
use crate::builders::*;
use crate::harness::Fixture;

cases! {
    lists_the_executions_that_a_workflow_asked_for
    reads_results_of_any_size
    finds_workflows_that_did_not_hear_of_an_end
}

async fn finds_workflows_that_did_not_hear_of_an_end(fixture: Fixture) {
    let store = &fixture.store;
    let held = begun(store, 4).await;
    let children: Vec<_> = held.iter().map(|workflow| child_of(*workflow)).collect();
    for (workflow, child) in held.iter().zip(&children) {
        let asked = WorkflowStep {
            requests: vec![child.clone()],
            ..step(
                *workflow,
                "a",
                vec![put(&format!("child/{}", child.id), "null")],
            )
        };
        advance(store, asked).await;
    }
    // The first has not ended; the others have, of which the second heard.
    for child in &children[1..] {
        set(store, child.id, S::Succeeded).await;
    }
    let heard = remove(&format!("child/{}", children[1].id));
    advance(store, step(held[1], "a", vec![heard])).await;
    let ended = now_is(store, children[2].id).await.end_timestamp.unwrap();
    let (before, after) = (ended - TimeDelta::seconds(1), ended + TimeDelta::seconds(1));

    let unheard = store.unheard_workflows(&held[..3], "child/", before, after);
    assert_eq!(unheard.await.unwrap(), [held[2]]);
    let later = store.unheard_workflows(&held, "child/", after, after + TimeDelta::hours(1));
    assert_eq!(later.await.unwrap(), []);
    let nobody = store.unheard_workflows(&[], "child/", before, after);
    assert_eq!(nobody.await.unwrap(), []);
}

async fn lists_the_executions_that_a_workflow_asked_for(fixture: Fixture) {
    let store = &fixture.store;
    let parent = workflow();
    let mut children: Vec<_> = (0..3).map(|_| child_of(parent.id)).collect();
    // Weeks later, and by a clock that is behind.
    children.push({
        let mut late = execution_at(noon() + TimeDelta::days(40));
        late.context.parent = Some(parent.id);
        late
    });
    children.insert(0, {
        let mut early = execution_at(noon() - TimeDelta::hours(13));
        early.context.parent = Some(parent.id);
        early
    });
    children[1].result = Some(json!({"n": 1}));
    children[1].result_size = Some(7);
    store.request_executions(&children).await.unwrap();
    store
        .request_executions(&[parent.clone(), child_of(id())])
        .await
        .unwrap();

    let found = store.task_executions(parent.id).await.unwrap();

    for child in &mut children {
        child.parameters = Object::new();
        child.result = None;
    }
    assert_eq!(found, children);
    assert_eq!(store.task_executions(id()).await.unwrap(), vec![]);
}

async fn reads_results_of_any_size(fixture: Fixture) {
    let store = &fixture.store;
    let requested = executions(5);
    let ids = ids_of(&requested);
    store.request_executions(&requested).await.unwrap();
    store
        .claim_executions(&ids, &lease("a"), &runner(), noon())
        .await
        .unwrap();
    let noise: Vec<u64> = (0..100_000_u64)
        .map(|n| n.wrapping_mul(0x9E37_79B9_7F4A_7C15))
        .collect();
    let results = [
        json!({"z": 1, "a": "\u{0}"}),
        json!("y".repeat(9000)),
        json!(noise),
        json!(null),
    ];
    let ends: Vec<_> = ids
        .iter()
        .zip(&results)
        .map(|(id, result)| end(*id, "a", result.clone()))
        .collect();
    store.finish_executions(&ends).await.unwrap();

    let mut asked = ids.clone();
    asked.reverse();
    asked.push(id());
    let found = store.results(&asked).await.unwrap();

    let expected: Vec<_> = ids.iter().copied().zip(results).collect();
    assert!(found == expected);
    assert_eq!(
        serde_json::to_string(&found[0].1).unwrap(),
        r#"{"z":1,"a":"\u0000"}"#
    );
    assert_eq!(store.results(&ids[4..]).await.unwrap(), vec![]);
    assert_eq!(store.results(&[]).await.unwrap(), vec![]);
}
