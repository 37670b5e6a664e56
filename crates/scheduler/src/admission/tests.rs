//! Admission on a real store and bus, its time moved by hand.

use bus::{ExecutionsRequested, Message, TasksChanged, Worker};
use model::ExecutionStatus as S;
use model::{ExecutionId, Gate, Policy, PolicyId, WhenFull};
use serde_json::json;

use super::*;
use crate::service::testing::{Engine, at, engine, execution};

fn gated(when_full: WhenFull, requested: i64) -> Execution {
    let mut execution = execution(at(requested));
    execution.gates = vec![Gate {
        policy: "demo.one".to_owned(),
        key: "demo.one".to_owned(),
        threshold: 1,
        when_full,
    }];
    execution
}

async fn store_policy(engine: &Engine, threshold: u32, enabled: bool) {
    let policy: Policy = serde_json::from_value(json!({
        "uid": "policy:demo:one", "name": "one", "ref": "demo.one", "pack": "demo", "enabled": enabled,
        "resource_ref": "core.local", "policy_type": "action.concurrency", "parameters": {"threshold": threshold},
        "id": model::IdSource::new().next::<PolicyId>(at(0)),
    }))
    .unwrap();
    engine.store.save(policy).await.unwrap();
}

fn admission(engine: &Engine) -> Admission {
    Admission::new(
        engine.store.clone(),
        engine.executions.clone(),
        engine.clock.clone(),
        "host:1:a",
        SchedulerOptions::default(),
    )
}

async fn requested(engine: &Engine, count: usize, when_full: WhenFull) -> Vec<Execution> {
    let seconds = (0..).take(count);
    let executions: Vec<Execution> = seconds.map(|second| gated(when_full, second)).collect();
    engine.store.request_executions(&executions).await.unwrap();
    executions
}

/// The next message; it must come in time.
async fn next<M: Message>(worker: &mut Worker<M>) -> M {
    let next = tokio::time::timeout(std::time::Duration::from_secs(20), worker.next());
    next.await.unwrap().unwrap().message.clone()
}

fn ids(executions: &[Execution]) -> Vec<ExecutionId> {
    executions.iter().map(|execution| execution.id).collect()
}

async fn statuses(engine: &Engine, executions: &[Execution]) -> Vec<ExecutionStatus> {
    let mut statuses = Vec::new();
    for id in ids(executions) {
        statuses.push(engine.store.execution(id).await.unwrap().unwrap().status);
    }
    statuses
}

#[tokio::test]
async fn a_sweep_admits_what_no_message_told_of() {
    let engine = engine(at(1)).await;
    store_policy(&engine, 1, true).await;
    let executions = requested(&engine, 3, WhenFull::Delay).await;
    let mut runners: Worker<ExecutionsRequested> = engine.bus.work(10).await.unwrap();

    admission(&engine).sweep(at(1)).await.unwrap();

    assert_eq!(
        statuses(&engine, &executions).await,
        [S::Scheduled, S::Delayed, S::Delayed]
    );
    assert_eq!(
        ids(&next(&mut runners).await.executions),
        ids(&executions[..1])
    );
}

#[tokio::test]
async fn who_waits_goes_on_when_the_policy_is_switched_off() {
    let engine = engine(at(1)).await;
    store_policy(&engine, 1, true).await;
    let executions = requested(&engine, 4, WhenFull::Delay).await;
    let mut admission = admission(&engine);
    admission.sweep(at(1)).await.unwrap();

    store_policy(&engine, 2, true).await;
    admission.sweep(at(2)).await.unwrap();
    let wider = statuses(&engine, &executions).await;
    store_policy(&engine, 2, false).await;
    admission.sweep(at(3)).await.unwrap();

    assert_eq!(wider, [S::Scheduled, S::Scheduled, S::Delayed, S::Delayed]);
    assert_eq!(statuses(&engine, &executions).await, [S::Scheduled; 4]);
}

#[tokio::test]
async fn what_is_refused_ends_as_canceled_and_its_workflow_hears_of_it() {
    let engine = engine(at(1)).await;
    requested(&engine, 1, WhenFull::Cancel).await;
    let mut refused = gated(WhenFull::Cancel, 1);
    refused.context.parent = Some(model::IdSource::new().next(at(0)));
    engine
        .store
        .request_executions(std::slice::from_ref(&refused))
        .await
        .unwrap();
    let mut workflows: Worker<TasksChanged> = engine.bus.work(10).await.unwrap();

    admission(&engine)
        .admit(vec!["demo.one".to_owned()], at(1))
        .await
        .unwrap();

    let ended = engine.store.execution(refused.id).await.unwrap().unwrap();
    let states: Vec<_> = ended.log.iter().map(|entry| entry.status).collect();
    assert_eq!(states, [S::Requested, S::Canceling, S::Canceled]);
    assert_eq!(ended.result.unwrap()["policy"], "demo.one");
    let told = next(&mut workflows).await;
    assert_eq!(
        (told.changes[0].id, told.changes[0].status),
        (refused.id, S::Canceled)
    );
}

#[tokio::test]
async fn a_message_is_enough_to_be_admitted() {
    let engine = engine(at(1)).await;
    let executions = requested(&engine, 1, WhenFull::Delay).await;
    let mut runners: Worker<ExecutionsRequested> = engine.bus.work(10).await.unwrap();
    let shutdown = engine.tasks.shutdown().clone();
    let (admission, bus) = (admission(&engine), engine.bus.clone());
    let requesting = async {
        engine.executions.hand_out(executions.clone());
        let told = next(&mut runners).await;
        shutdown.drain();
        told
    };

    let (admitting, told) =
        tokio::join!(admit_always(admission, bus, shutdown.clone()), requesting);

    admitting.unwrap();
    assert_eq!(ids(&told.executions), ids(&executions));
}
