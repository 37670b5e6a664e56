//! Running a workflow again from some of its tasks.

use executions::RerunOptions;
use model::{ExecutionId, ExecutionStatus as S};
use serde_json::json;

use crate::service::testing::{World, attentive, restless};

async fn again(world: &World, id: ExecutionId, task: &str, reset: bool) -> ExecutionId {
    let options = RerunOptions {
        tasks: vec![task.to_owned()],
        reset: reset.then(|| task.to_owned()).into_iter().collect(),
        user: "me".to_owned(),
        ..RerunOptions::default()
    };
    world.executions.re_run(id, options).await.unwrap().id
}

const STEPS: &str = r"
version: 1.0
tasks:
  a:
    action: demo.act
    next: [{publish: seen=<% result().value %>, do: b}]
  b:
    action: demo.act n=<% ctx(seen) %>
    next: [{publish: first=<% task(a).result.value %>}]
output:
  - seen: <% ctx(first) %>
";

#[tokio::test]
async fn a_task_that_failed_runs_again_with_what_the_others_left() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("steps", STEPS).await;
    let failed = world.request("steps", json!({})).await;
    world.succeed("a", json!({ "value": 4 })).await;
    world.fail("b").await;
    world.until(failed, S::Failed).await;

    let second = again(&world, failed, "b", false).await;
    let task = world.task("b").await;
    assert_eq!(task.parameters["n"], json!(4));
    assert_eq!(task.context.parent, Some(second));
    world.end(task, S::Succeeded, json!({})).await;

    assert_eq!(world.output(second).await, json!({ "seen": 4 }));
    assert_eq!(world.stored(failed).await.status, S::Failed);
}

const ITEMS: &str = r"
version: 1.0
tasks:
  each:
    with: <% list(0, 1, 2) %>
    action: demo.act n=<% item() %>
    next:
      - when: <% succeeded() %>
        publish: all=<% result() %>
output:
  - all: <% ctx(all) %>
";

async fn failed_items(world: &mut World) -> ExecutionId {
    world.define("items", ITEMS).await;
    let failed = world.request("items", json!({})).await;
    world.succeed("each", json!("old 0")).await;
    world.fail("each").await;
    world.succeed("each", json!("old 2")).await;
    world.until(failed, S::Failed).await;
    failed
}

#[tokio::test]
async fn items_that_succeeded_keep_their_results() {
    let (mut world, _role) = World::conducted(attentive()).await;
    let failed = failed_items(&mut world).await;

    let second = again(&world, failed, "each", false).await;
    let task = world.next().await;
    assert_eq!(task.parameters["n"], json!(1));
    world.end(task, S::Succeeded, json!("new 1")).await;

    let output = world.output(second).await;
    assert_eq!(output["all"], json!(["old 0", "new 1", "old 2"]));
    assert_eq!(world.children(second).await.len(), 1);
}

#[tokio::test]
async fn all_items_run_again_where_the_task_is_reset() {
    let (mut world, _role) = World::conducted(attentive()).await;
    let failed = failed_items(&mut world).await;

    let second = again(&world, failed, "each", true).await;
    for item in 0..3 {
        world.succeed("each", json!(format!("new {item}"))).await;
    }

    let output = world.output(second).await;
    assert_eq!(output["all"], json!(["new 0", "new 1", "new 2"]));
}

#[tokio::test]
async fn results_of_items_survive_the_process_that_runs_them_again() {
    let mut world = World::new().await;
    let first = world.process(attentive()).await;
    let failed = failed_items(&mut world).await;
    let second = again(&world, failed, "each", false).await;
    let task = world.next().await;

    first.kill();
    world.end(task, S::Succeeded, json!("new 1")).await;
    world.clock.advance(std::time::Duration::from_secs(11));
    let _role = world.role(restless());

    let output = world.output(second).await;
    assert_eq!(output["all"], json!(["old 0", "new 1", "old 2"]));
}

#[tokio::test]
async fn what_still_ran_when_the_workflow_failed_is_waited_for_and_not_run_twice() {
    let (mut world, _role) = World::conducted(attentive()).await;
    let text = r"
version: 1.0
tasks:
  a:
    action: demo.act
    next: [{when: <% succeeded() %>, do: c}]
  b:
    action: demo.act
    next: [{when: <% succeeded() %>, do: c}]
  c:
    join: all
    action: demo.act
";
    world.define("both", text).await;
    let failed = world.request("both", json!({})).await;
    let late = world.task("b").await;
    world.fail("a").await;
    world.until(failed, S::Failed).await;

    let too_early = again(&world, failed, "a", false).await;
    let refused = world.until(too_early, S::Failed).await;
    assert_eq!(
        refused.result.unwrap()["errors"][0]["message"],
        json!(
            "Unable to rerun workflow because tasks of it still run: b. Wait for their ends, or cancel them."
        )
    );

    world.end(late, S::Succeeded, json!({})).await;
    let second = again(&world, failed, "a", false).await;
    world.succeed("a", json!({})).await;
    world.succeed("c", json!({})).await;

    world.until(second, S::Succeeded).await;
    assert_eq!(world.children(second).await.len(), 2);
}

#[tokio::test]
async fn a_task_that_the_workflow_has_not_is_refused() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("steps", STEPS).await;
    let failed = world.request("steps", json!({})).await;
    world.fail("a").await;
    world.until(failed, S::Failed).await;

    let second = again(&world, failed, "nowhere", false).await;

    let ended = world.until(second, S::Failed).await;
    let message = ended.result.unwrap()["errors"][0]["message"].clone();
    assert_eq!(
        message,
        json!("Unable to rerun workflow because one or more tasks is not found: nowhere")
    );
}
