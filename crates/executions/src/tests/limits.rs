use bus::{GatesChanged, TasksChanged};
use model::{Gate, Policy, PolicyId, WhenFull};

use super::*;

/// Stores a policy of `demo.act`.
async fn limit(world: &World, name: &str, policy_type: &str, parameters: Value) -> Policy {
    let policy: Policy = serde_json::from_value(json!({
        "uid": format!("policy:demo:{name}"), "name": name, "ref": format!("demo.{name}"), "pack": "demo",
        "enabled": true, "resource_ref": "demo.act", "policy_type": policy_type, "parameters": parameters,
        "id": world.ids.next::<PolicyId>(world.clock.now()),
    }))
    .unwrap();
    world.store.save(policy).await.unwrap()
}

async fn one_at_a_time(world: &World) -> Policy {
    let parameters = json!({"threshold": 1, "action": "delay"});
    limit(world, "one", "action.concurrency", parameters).await
}

async fn try_again(world: &World, on: &str, most: u64) -> Policy {
    let parameters = json!({"retry_on": on, "max_retry_count": most, "delay": 0.25});
    limit(world, "again", "action.retry", parameters).await
}

async fn ends(world: &World, execution: Execution, status: ExecutionStatus) {
    let outcome = Outcome {
        execution,
        status,
        result: json!({}),
    };
    world.executions.finish(vec![outcome]).await.unwrap();
}

/// The next message.
async fn next<M: bus::Message>(world: &World) -> Option<M> {
    let mut worker: Worker<M> = world.bus.work(10).await.unwrap();
    let next = tokio::time::timeout(Duration::from_secs(20), worker.next()).await;
    next.ok().flatten().map(|delivery| {
        let message = delivery.message.clone();
        delivery.done();
        message
    })
}

/// Everything that was requested, oldest first.
async fn tries(world: &World) -> Vec<Execution> {
    let filter = store::ExecutionFilter {
        oldest_first: true,
        ..store::ExecutionFilter::default()
    };
    let page = model::Page {
        limit: 100,
        offset: 0,
    };
    world.store.executions(&filter, page).await.unwrap().items
}

#[tokio::test]
async fn what_a_policy_limits_is_told_to_the_scheduler_and_not_to_runners() {
    let world = World::new().await;
    world.define(json!({})).await;
    one_at_a_time(&world).await;
    let mut runners: Worker<ExecutionsRequested> = world.bus.work(10).await.unwrap();

    let limited = world.request(json!({})).await.unwrap();
    world
        .store
        .save(world.action("free", json!({})))
        .await
        .unwrap();
    let mut other = request(json!({}));
    other.action = "demo.free".to_owned();
    let free = world.executions.request(other).await.unwrap();

    let gates = [Gate {
        policy: "demo.one".to_owned(),
        key: "demo.one".to_owned(),
        threshold: 1,
        when_full: WhenFull::Delay,
    }];
    assert_eq!(world.stored(&limited).await.gates, gates);
    assert!(free.gates.is_empty());
    let told: GatesChanged = next(&world).await.unwrap();
    assert_eq!(told.keys, ["demo.one"]);
    let first = runners.next().await.unwrap().message.executions.clone();
    assert_eq!(first[0].id, free.id);
}

#[tokio::test]
async fn a_policy_that_is_switched_off_limits_nothing() {
    let world = World::new().await;
    world.define(json!({})).await;
    let policy = one_at_a_time(&world).await;
    let limited = world.request(json!({})).await.unwrap();

    let off = Policy {
        enabled: false,
        ..policy
    };
    world.store.save(off).await.unwrap();
    let free = world.request(json!({})).await.unwrap();

    assert_eq!(limited.gates.len(), 1);
    assert!(free.gates.is_empty());
    assert!(world.executions.limits().await.unwrap().is_empty());
}

#[tokio::test]
async fn whoever_ends_or_is_cancelled_leaves_its_place_to_others() {
    let world = World::new().await;
    world.define(json!({})).await;
    one_at_a_time(&world).await;
    let first = world.request(json!({})).await.unwrap();
    let second = world.request(json!({})).await.unwrap();
    let keys = ["demo.one".to_owned()];
    let lease = Lease {
        holder: "admission".to_owned(),
        expires_at: world.clock.now(),
    };
    world
        .store
        .admit(&keys, &lease, world.clock.now(), 10)
        .await
        .unwrap();
    for _ in 0..2 {
        next::<GatesChanged>(&world).await.unwrap();
    }

    ends(
        &world,
        world.claim(&first).await,
        ExecutionStatus::Succeeded,
    )
    .await;
    let by_end: GatesChanged = next(&world).await.unwrap();
    world.executions.cancel(second.id, "me").await.unwrap();
    let by_cancel: GatesChanged = next(&world).await.unwrap();

    assert_eq!(
        (by_end.keys, by_cancel.keys),
        (keys.to_vec(), keys.to_vec())
    );
}

#[tokio::test]
async fn what_failed_is_tried_again_with_its_secrets_until_the_count_is_used_up() {
    let world = World::new().await;
    world
        .define(json!({"password": {"type": "string", "secret": true}}))
        .await;
    try_again(&world, "failure", 2).await;
    let first = world.request(json!({"password": "hunter2"})).await.unwrap();

    let mut last = first.clone();
    for count in 1..=2 {
        ends(&world, world.claim(&last).await, ExecutionStatus::Failed).await;
        let retry = tries(&world).await.pop().unwrap();
        assert_eq!(
            retry.context.extra["policies"]["retry"],
            json!({
                "applied_policy": "demo.again", "retry_count": count, "retried_liveaction_id": last.id,
                "first_liveaction_id": first.id,
            })
        );
        assert_eq!(
            (retry.delay_ms, retry.status, &retry.snapshot),
            (Some(250), ExecutionStatus::Requested, &first.snapshot)
        );
        assert_eq!(retry.parameters, world.stored(&first).await.parameters);
        assert!(Vault::is_sealed(
            retry.parameters["password"].as_str().unwrap()
        ));
        last = undelayed(&world, retry).await;
    }
    ends(&world, world.claim(&last).await, ExecutionStatus::Failed).await;

    assert_eq!(tries(&world).await.len(), 5);
}

/// The same as an execution that needs not wait; the one that does is cancelled.
async fn undelayed(world: &World, delayed: Execution) -> Execution {
    world.executions.cancel(delayed.id, "me").await.unwrap();
    let prompt = Execution {
        id: world.ids.next(world.clock.now()),
        delay_ms: None,
        ..delayed
    };
    world
        .store
        .request_executions(std::slice::from_ref(&prompt))
        .await
        .unwrap();
    prompt
}

#[tokio::test]
async fn only_the_end_that_a_policy_names_is_tried_again() {
    let world = World::new().await;
    world.define(json!({})).await;
    try_again(&world, "timeout", 1).await;

    for status in [
        ExecutionStatus::Failed,
        ExecutionStatus::Succeeded,
        ExecutionStatus::Abandoned,
        ExecutionStatus::Canceled,
    ] {
        let execution = world.request(json!({})).await.unwrap();
        ends(&world, world.claim(&execution).await, status).await;
    }
    let before = tries(&world).await.len();
    let execution = world.request(json!({})).await.unwrap();
    ends(
        &world,
        world.claim(&execution).await,
        ExecutionStatus::TimedOut,
    )
    .await;

    assert_eq!((before, tries(&world).await.len()), (4, 6));
}

#[tokio::test]
async fn a_workflow_is_told_of_the_last_try_alone() {
    let world = World::new().await;
    world.define(json!({})).await;
    try_again(&world, "failure", 1).await;
    let workflow = world.request(json!({})).await.unwrap();
    let mut task = request(json!({}));
    task.context.parent = Some(workflow.id);
    let task = world.executions.request(task).await.unwrap();

    ends(&world, world.claim(&task).await, ExecutionStatus::Failed).await;
    let retry = tries(&world).await.pop().unwrap();
    let last = undelayed(&world, retry.clone()).await;
    ends(&world, world.claim(&last).await, ExecutionStatus::Failed).await;

    assert_eq!(retry.context.parent, Some(workflow.id));
    let mut told: Vec<_> = Vec::new();
    // Were it told of the first try, that would come first.
    for _ in 0..2 {
        let TasksChanged { changes } = next(&world).await.unwrap();
        told.extend(
            changes
                .into_iter()
                .map(|change| (change.id, change.first_try, change.status)),
        );
    }
    assert_eq!(
        told,
        [
            // The one that this test took the place of.
            (retry.id, Some(task.id), ExecutionStatus::Canceled),
            (last.id, Some(task.id), ExecutionStatus::Failed),
        ]
    );
}

#[tokio::test]
async fn a_task_is_not_tried_again_for_a_workflow_that_has_ended() {
    let world = World::new().await;
    world.define(json!({})).await;
    try_again(&world, "failure", 1).await;
    let workflow = world.request(json!({})).await.unwrap();
    let mut task = request(json!({}));
    task.context.parent = Some(workflow.id);
    let task = world.executions.request(task).await.unwrap();
    let claimed = world.claim(&task).await;
    world.executions.cancel(workflow.id, "me").await.unwrap();

    ends(&world, claimed, ExecutionStatus::Failed).await;

    assert_eq!(tries(&world).await.len(), 2);
}
