//! Workflows from beginning to end.

use model::ExecutionStatus as S;
use serde_json::json;

use crate::WorkflowOptions;
use crate::service::testing::{World, attentive};

const SEQUENCE: &str = r"
version: 1.0
tasks:
  a:
    action: demo.act n=1
    next:
      - publish: seen=<% result().value %>
        do: b
  b:
    action: demo.act n=<% ctx(seen) %>
output:
  - seen: <% ctx(seen) %>
";

#[tokio::test]
async fn tasks_follow_each_other_with_what_was_published() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("sequence", SEQUENCE).await;
    let workflow = world.request("sequence", json!({})).await;

    world.succeed("a", json!({ "value": 7 })).await;
    let second = world.task("b").await;
    assert_eq!(second.parameters["n"], json!(7));
    world.end(second, S::Succeeded, json!({})).await;

    assert_eq!(world.output(workflow).await, json!({ "seen": 7 }));
    assert_eq!(world.children(workflow).await.len(), 2);
}

#[tokio::test]
async fn a_join_waits_for_all_branches() {
    let (mut world, _role) = World::conducted(attentive()).await;
    let text = r"
version: 1.0
tasks:
  a:
    action: demo.act
    next: [{do: [b, c]}]
  b:
    action: demo.act
    next: [{do: d}]
  c:
    action: demo.act
    next: [{do: d}]
  d:
    join: all
    action: demo.act
";
    world.define("split", text).await;
    let workflow = world.request("split", json!({})).await;
    world.succeed("a", json!({})).await;
    let (b, c) = (world.task("b").await, world.task("c").await);

    world.end(c, S::Succeeded, json!({})).await;
    world.end(b, S::Succeeded, json!({})).await;
    world.succeed("d", json!({})).await;

    world.until(workflow, S::Succeeded).await;
    assert_eq!(world.children(workflow).await.len(), 4);
}

const ITEMS: &str = r"
version: 1.0
tasks:
  each:
    with:
      items: <% list(10, 20, 30) %>
      concurrency: 2
    action: demo.act n=<% item() %>
    retry:
      count: 1
      when: <% failed() %>
    next:
      - publish: all=<% result() %>
output:
  - all: <% ctx(all) %>
";

#[tokio::test]
async fn so_many_items_run_at_once_and_their_results_are_in_order() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("items", ITEMS).await;
    let workflow = world.request("items", json!({})).await;
    let (first, second) = (world.next().await, world.next().await);
    assert_eq!(world.children(workflow).await.len(), 2);

    world.end(second, S::Succeeded, json!({ "at": 1 })).await;
    world.succeed("each", json!({ "at": 2 })).await;
    world.end(first, S::Succeeded, json!({ "at": 0 })).await;

    let output = world.output(workflow).await;
    assert_eq!(
        output["all"],
        json!([{ "at": 0 }, { "at": 1 }, { "at": 2 }])
    );
}

#[tokio::test]
async fn a_task_whose_item_failed_is_retried_for_all_items() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("items", ITEMS).await;
    let workflow = world.request("items", json!({})).await;

    world.fail("each").await;
    for _ in 0..5 {
        world.succeed("each", json!({ "fine": true })).await;
    }

    let output = world.output(workflow).await;
    let fine = json!({ "fine": true });
    assert_eq!(output["all"], json!([fine, fine, fine]));
}

#[tokio::test]
async fn large_results_are_read_from_the_store() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("sequence", SEQUENCE).await;
    let workflow = world.request("sequence", json!({})).await;
    let large = "x".repeat(200_000);

    world.succeed("a", json!({ "value": large })).await;
    world.succeed("b", json!({})).await;

    assert_eq!(world.output(workflow).await["seen"], json!(large));
}

#[tokio::test]
async fn a_workflow_that_leads_back_to_itself_for_ever_fails() {
    let options = WorkflowOptions {
        max_task_runs: 250,
        ..attentive()
    };
    let (mut world, _role) = World::conducted(options).await;
    let text = r"
version: 1.0
tasks:
  start:
    next: [{do: round}]
  round:
    next: [{do: round}]
";
    world.define("circle", text).await;
    let workflow = world.request("circle", json!({})).await;

    let ended = world.until(workflow, S::Failed).await;

    let message = ended.result.unwrap()["errors"][0]["message"].to_string();
    assert!(
        message.contains("has run 250 tasks, which is as many as it may (`max_task_runs`)"),
        "{message}"
    );
}

#[tokio::test]
async fn a_workflow_that_calls_itself_ends_at_some_depth() {
    let options = WorkflowOptions {
        max_depth: 3,
        ..attentive()
    };
    let (mut world, _role) = World::conducted(options).await;
    let text = "version: 1.0\ntasks:\n  deeper:\n    action: demo.itself\n";
    world.define("itself", text).await;
    let workflow = world.request("itself", json!({})).await;

    let ended = world.until(workflow, S::Failed).await;

    let result = ended.result.unwrap().to_string();
    assert!(
        result.contains("is 3 sub-workflows deep, which is as deep as they may be (`max_depth`)"),
        "{result}"
    );
}

const CHAIN: &str = r"
chain:
  - name: one
    ref: demo.act
    params: {n: 1}
    publish: {seen: '{{ one.value }}'}
    on-success: two
  - name: two
    ref: demo.act
    params: {n: '{{ seen }}'}
default: one
";

#[tokio::test]
async fn an_action_chain_runs_its_tasks_in_turn() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world
        .define_as("chain", "action-chain", CHAIN, json!({}))
        .await;
    let workflow = world.request("chain", json!({})).await;

    world.succeed("one", json!({ "value": "x" })).await;
    let second = world.task("two").await;
    assert_eq!(second.parameters["n"], json!("x"));
    world.end(second, S::Succeeded, json!({})).await;

    let ended = world.until(workflow, S::Succeeded).await;
    assert_eq!(ended.result.unwrap()["published"], json!({ "seen": "x" }));
}

#[tokio::test]
async fn what_still_runs_when_a_workflow_fails_changes_nothing_any_more() {
    let (mut world, _role) = World::conducted(attentive()).await;
    let text = r"
version: 1.0
tasks:
  a:
    action: demo.act
  b:
    action: demo.act
    next: [{do: c}]
  c:
    action: demo.act
";
    world.define("both", text).await;
    let workflow = world.request("both", json!({})).await;
    let late = world.task("b").await;
    world.fail("a").await;
    let failed = world.until(workflow, S::Failed).await;

    let id = late.id;
    world.end(late, S::Succeeded, json!({})).await;
    world.until(id, S::Succeeded).await;

    // Another workflow comes after that news.
    let next = world.request("both", json!({})).await;
    world.fail("a").await;
    world.until(next, S::Failed).await;
    assert_eq!(world.stored(workflow).await, failed);
    assert_eq!(world.children(workflow).await.len(), 2);
}
