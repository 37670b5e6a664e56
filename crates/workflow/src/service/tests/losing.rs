//! Processes die, messages are lost or come late.

use std::time::Duration;

use bus::{News, TaskChange, TasksChanged};
use model::ExecutionStatus as S;
use serde_json::json;

use crate::service::testing::{World, attentive, restless};

const TWO: &str = r"
version: 1.0
tasks:
  a:
    action: demo.act
    next: [{publish: seen=<% result().value %>, do: b}]
  b:
    action: demo.act
output:
  - seen: <% ctx(seen) %>
";

const LEASE_AND_MORE: Duration = Duration::from_secs(11);

#[tokio::test]
async fn another_process_goes_on_where_a_dead_one_stopped() {
    let mut world = World::new().await;
    let first = world.process(attentive()).await;
    world.define("two", TWO).await;
    let workflow = world.request("two", json!({})).await;
    world.succeed("a", json!({ "value": 5 })).await;
    let running = world.task("b").await;

    first.kill();
    world.undefine("two");
    world.end(running, S::Succeeded, json!({})).await;
    world.clock.advance(LEASE_AND_MORE);
    let _second = world.role(restless());

    assert_eq!(world.output(workflow).await, json!({ "seen": 5 }));
    assert_eq!(world.children(workflow).await.len(), 2);
}

#[tokio::test]
async fn items_are_asked_for_once_and_keep_their_results_whoever_conducts_them() {
    let mut world = World::new().await;
    let first = world.process(attentive()).await;
    let text = r"
version: 1.0
tasks:
  each:
    with:
      items: <% list(0, 1, 2, 3) %>
      concurrency: 2
    action: demo.act n=<% item() %>
    next: [{publish: all=<% result() %>}]
output:
  - all: <% ctx(all) %>
";
    world.define("items", text).await;
    let workflow = world.request("items", json!({})).await;
    world.succeed("each", json!(0)).await;
    let second = world.next().await;
    let third = world.next().await;
    assert_eq!(third.parameters["n"], json!(2));

    first.kill();
    world.end(third, S::Succeeded, json!(2)).await;
    world.clock.advance(LEASE_AND_MORE);
    let _role = world.role(restless());
    let fourth = world.next().await;
    assert_eq!(fourth.parameters["n"], json!(3));
    world.end(second, S::Succeeded, json!(1)).await;
    world.end(fourth, S::Succeeded, json!(3)).await;

    let output = world.output(workflow).await;
    assert_eq!(output["all"], json!([0, 1, 2, 3]));
    assert_eq!(world.children(workflow).await.len(), 4);
}

#[tokio::test]
async fn a_chain_goes_on_in_another_process() {
    let mut world = World::new().await;
    let first = world.process(attentive()).await;
    let text = r"
chain:
  - name: one
    ref: demo.act
    publish: {seen: '{{ one.value }}'}
    on-success: two
  - name: two
    ref: demo.act
";
    world
        .define_as("chain", "action-chain", text, json!({}))
        .await;
    let workflow = world.request("chain", json!({})).await;
    let running = world.task("one").await;

    first.kill();
    world
        .end(running, S::Succeeded, json!({ "value": "x" }))
        .await;
    world.clock.advance(LEASE_AND_MORE);
    let _second = world.role(restless());
    world.succeed("two", json!({})).await;

    let ended = world.until(workflow, S::Succeeded).await;
    assert_eq!(ended.result.unwrap()["published"], json!({ "seen": "x" }));
}

#[tokio::test]
async fn a_role_that_is_drained_hands_its_workflows_over() {
    let (mut world, first) = World::conducted(attentive()).await;
    world.define("two", TWO).await;
    let workflow = world.request("two", json!({})).await;
    let running = world.task("a").await;

    first.shutdown().drain();
    assert!(first.finished().await);
    let _second = world.role(attentive());
    world
        .end(running, S::Succeeded, json!({ "value": 1 }))
        .await;
    world.succeed("b", json!({})).await;

    world.until(workflow, S::Succeeded).await;
}

#[tokio::test]
async fn of_two_roles_the_one_that_holds_a_workflow_hears_of_its_tasks() {
    let (mut world, _one) = World::conducted(attentive()).await;
    let _other = world.role(attentive());
    world.define("two", TWO).await;

    for value in 0..20 {
        let workflow = world.request("two", json!({})).await;
        world.succeed("a", json!({ "value": value })).await;
        world.succeed("b", json!({})).await;
        assert_eq!(world.output(workflow).await, json!({ "seen": value }));
        assert_eq!(world.children(workflow).await.len(), 2);
    }
}

#[tokio::test]
async fn an_end_that_nobody_was_told_of_is_found() {
    let (mut world, _role) = World::conducted(restless()).await;
    world.define("two", TWO).await;
    let workflow = world.request("two", json!({})).await;

    let running = world.task("a").await;
    world.end_unheard(running, json!({ "value": 3 })).await;
    let running = world.task("b").await;
    world.end_unheard(running, json!({})).await;

    assert_eq!(world.output(workflow).await, json!({ "seen": 3 }));
}

#[tokio::test]
async fn the_end_of_a_chains_task_that_nobody_was_told_of_is_found() {
    let (mut world, _role) = World::conducted(restless()).await;
    let text = "chain:\n  - {name: one, ref: demo.act}\n";
    world
        .define_as("chain", "action-chain", text, json!({}))
        .await;
    let workflow = world.request("chain", json!({})).await;

    let running = world.task("one").await;
    world.end_unheard(running, json!({})).await;

    world.until(workflow, S::Succeeded).await;
}

#[tokio::test]
async fn news_that_come_twice_or_late_change_nothing() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("two", TWO).await;
    let workflow = world.request("two", json!({})).await;
    let running = world.task("a").await;
    let change = |status, value: u8| TaskChange {
        id: running.id,
        workflow,
        task: running.context.task.clone(),
        first_try: None,
        status,
        result: Some(json!({ "value": value })),
        at: world.clock.now(),
    };
    let late: Vec<TaskChange> = [S::Pending, S::Paused, S::Running, S::Succeeded]
        .map(|status| change(status, 9))
        .into();

    world
        .end(running.clone(), S::Succeeded, json!({ "value": 1 }))
        .await;
    for change in late {
        let changes = vec![change];
        world.bus.announce(TasksChanged {
            changes: changes.clone(),
        });
        world.bus.tell(News::TasksChanged(TasksChanged { changes }));
    }
    world.succeed("b", json!({})).await;

    assert_eq!(world.output(workflow).await, json!({ "seen": 1 }));
    assert_eq!(world.children(workflow).await.len(), 2);
}

const INNER: &str = r"
version: 1.0
tasks:
  question:
    action: demo.ask
";

const OUTER: &str = r"
version: 1.0
tasks:
  sub:
    action: demo.inner
    next: [{do: last}]
  last:
    action: demo.act
";

#[tokio::test]
async fn a_workflow_goes_on_whose_sub_workflow_went_on_and_ended_unheard() {
    // Whoever conducted both died after the answer had ended the inner one, before the outer one heard of anything.
    let mut world = World::new().await;
    let first = world.process(attentive()).await;
    world.define("inner", INNER).await;
    world.define("outer", OUTER).await;
    let outer = world.request("outer", json!({})).await;
    let inquiry = world.ask("question").await;
    world.until(outer, S::Paused).await;
    first.kill();
    let inner = world.child(outer, "sub").await;
    let lease = model::Lease {
        holder: "second".to_owned(),
        expires_at: world.clock.now(),
    };
    let info = model::RunnerInfo {
        hostname: "second".to_owned(),
        pid: 1,
    };
    let now = world.clock.now();
    let ids = [inner];
    let claimed = world.store.claim_workflows(&ids, &lease, &info, now);
    let claimed = claimed.await.unwrap().remove(0);
    world.end_unheard(claimed, json!({ "output": null })).await;
    world.answer(inquiry).await;

    let _role = world.role(restless());
    world.succeed("last", json!({})).await;

    world.until(outer, S::Succeeded).await;
}

#[tokio::test]
async fn a_wish_to_go_on_reaches_sub_workflows_although_its_process_died_over_it() {
    let mut world = World::new().await;
    let first = world.process(attentive()).await;
    let inner = "version: 1.0\ntasks:\n  x:\n    action: demo.act\n    next: [{do: y}]\n  y:\n    action: demo.act\n";
    world.define("inner", inner).await;
    world.define("outer", OUTER).await;
    let outer = world.request("outer", json!({})).await;
    let running = world.task("x").await;
    world.executions.pause(outer, "me").await.unwrap();
    let inner = world.child(outer, "sub").await;
    world.heeded(inner, S::Pausing).await;
    world.end(running, S::Succeeded, json!({})).await;
    world.until(outer, S::Paused).await;
    first.kill();
    // Its state as it was stored when it went on, and nothing was passed on.
    world.resume_unheard(outer).await;

    let _role = world.role(restless());
    world.succeed("y", json!({})).await;
    world.succeed("last", json!({})).await;

    world.until(outer, S::Succeeded).await;
}
