//! Pausing, resuming, cancelling, asking.

use model::ExecutionStatus as S;
use serde_json::json;

use crate::service::testing::{World, attentive, restless};

const INNER: &str = r"
version: 1.0
tasks:
  x:
    action: demo.act
    next: [{do: y}]
  y:
    action: demo.act
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

async fn nested(world: &World) {
    world.define("inner", INNER).await;
    world.define("outer", OUTER).await;
}

#[tokio::test]
async fn a_pause_reaches_sub_workflows_and_so_does_going_on() {
    let (mut world, _role) = World::conducted(attentive()).await;
    nested(&world).await;
    let outer = world.request("outer", json!({})).await;
    let running = world.task("x").await;
    let inner = world.child(outer, "sub").await;

    world.executions.pause(outer, "me").await.unwrap();
    world.heeded(inner, S::Pausing).await;
    world.end(running, S::Succeeded, json!({})).await;
    world.until(inner, S::Paused).await;
    world.until(outer, S::Paused).await;
    assert_eq!(world.children(inner).await.len(), 1);

    world.executions.resume(outer, "me").await.unwrap();
    world.succeed("y", json!({})).await;
    world.succeed("last", json!({})).await;
    world.until(outer, S::Succeeded).await;
}

#[tokio::test]
async fn streams_hear_that_a_workflow_is_paused() {
    use bus::{Announcement, News};
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("inner", INNER).await;
    let workflow = world.request("inner", json!({})).await;
    let running = world.task("x").await;
    let mut streams = world.bus.listen_to_all().await.unwrap();

    world.executions.pause(workflow, "me").await.unwrap();
    world.heeded(workflow, S::Pausing).await;
    world.end(running, S::Succeeded, json!({})).await;

    loop {
        let news = crate::service::testing::within("`paused`", streams.next()).await;
        if let Some(News::Announcement(Announcement::ExecutionUpdated(execution))) = news
            && (execution.id, execution.status) == (workflow, S::Paused)
        {
            break;
        }
    }
}

const ASKING: &str = r"
version: 1.0
tasks:
  question:
    action: demo.ask
    next: [{do: last}]
  last:
    action: demo.act
";

#[tokio::test]
async fn a_workflow_stands_still_for_an_inquiry_until_it_is_answered() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("asking", ASKING).await;
    let workflow = world.request("asking", json!({})).await;
    let inquiry = world.ask("question").await;
    world.until(workflow, S::Paused).await;

    world.answer(inquiry).await;

    world.succeed("last", json!({})).await;
    world.until(workflow, S::Succeeded).await;
}

#[tokio::test]
async fn an_inquiry_that_is_answered_at_once_lets_its_workflow_go_on() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("asking", ASKING).await;
    let workflow = world.request("asking", json!({})).await;

    // The workflow may stand anywhere between hearing of the question and being paused.
    let inquiry = world.ask("question").await;
    world.answer(inquiry).await;

    world.succeed("last", json!({})).await;
    world.until(workflow, S::Succeeded).await;
}

#[tokio::test]
async fn an_inquiry_in_a_sub_workflow_lets_both_stand_still_and_go_on() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("inner", ASKING).await;
    world.define("outer", OUTER).await;
    let outer = world.request("outer", json!({})).await;
    let inquiry = world.ask("question").await;
    world.until(outer, S::Paused).await;

    world.answer(inquiry).await;

    let inner = world.child(outer, "sub").await;
    let last = world.task("last").await;
    assert_eq!(last.context.parent, Some(inner));
    world.end(last, S::Succeeded, json!({})).await;
    world.succeed("last", json!({})).await;
    world.until(outer, S::Succeeded).await;
}

#[tokio::test]
async fn a_question_does_not_pause_the_sub_workflows_beside_it() {
    // Leases are renewed all the time: that its row says `pausing` is not somebody's wish.
    let (mut world, _role) = World::conducted(restless()).await;
    let text = r"
version: 1.0
tasks:
  question:
    action: demo.ask
  sub:
    action: demo.inner
";
    nested(&world).await;
    world.define("beside", text).await;
    let workflow = world.request("beside", json!({})).await;
    let running = world.task("x").await;
    let inner = world.child(workflow, "sub").await;
    let inquiry = world.ask("question").await;
    world.until(workflow, S::Pausing).await;
    for _ in 0..5 {
        world.renewal(workflow).await;
    }

    world.answer(inquiry).await;
    world.end(running, S::Succeeded, json!({})).await;
    world.succeed("y", json!({})).await;

    world.until(workflow, S::Succeeded).await;
    let log = world.stored(inner).await.log;
    assert!(
        log.iter().all(|entry| entry.status != S::Pausing),
        "{log:?}"
    );
}

#[tokio::test]
async fn a_canceled_workflow_ends_when_what_runs_has_ended() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("inner", INNER).await;
    let workflow = world.request("inner", json!({})).await;
    let running = world.task("x").await;

    world.executions.cancel(workflow, "me").await.unwrap();
    world.heeded(workflow, S::Canceling).await;
    world.end(running, S::Succeeded, json!({})).await;

    let ended = world.until(workflow, S::Canceled).await;
    assert_eq!(ended.context.extra["cancelled_by"], json!("me"));
    assert_eq!(world.children(workflow).await.len(), 1);
}

#[tokio::test]
async fn cancelling_while_it_begins_ends_it() {
    let mut world = World::new().await;
    world.define("inner", INNER).await;
    let workflow = world.request("inner", json!({})).await;
    let lease = model::Lease {
        holder: "gone".to_owned(),
        expires_at: world.clock.now(),
    };
    let info = model::RunnerInfo {
        hostname: "gone".to_owned(),
        pid: 1,
    };
    let ids = [workflow];
    // Claimed, and its process died before the first step; then somebody cancels.
    let claimed = world
        .store
        .claim_workflows(&ids, &lease, &info, world.clock.now());
    assert_eq!(claimed.await.unwrap().len(), 1);
    world.executions.cancel(workflow, "me").await.unwrap();
    world.clock.advance(std::time::Duration::from_secs(1));

    let _role = world.role(restless());

    world.until(workflow, S::Canceled).await;
    let children = world.children(workflow).await;
    assert!(
        children.iter().all(|child| child.status.is_final()),
        "{children:?}"
    );
}

#[tokio::test]
async fn cancelling_a_paused_workflow_ends_questions_and_sub_workflows() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.define("inner", ASKING).await;
    let text = r"
version: 1.0
tasks:
  question:
    action: demo.ask
  sub:
    action: demo.inner
";
    world.define("outer", text).await;
    let outer = world.request("outer", json!({})).await;
    let (first, second) = (world.ask("question").await, world.ask("question").await);
    let inner = world.child(outer, "sub").await;
    world.until(inner, S::Paused).await;
    world.until(outer, S::Paused).await;

    world.executions.cancel(outer, "me").await.unwrap();

    for id in [first, second, inner, outer] {
        world.until(id, S::Canceled).await;
    }
}

#[tokio::test]
async fn cancelling_reaches_a_task_that_waits_for_its_next_try() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.retry_policy("act", 3600).await;
    world.define("inner", INNER).await;
    let workflow = world.request("inner", json!({})).await;
    world.fail("x").await;
    world.asked_for().await;

    world.executions.cancel(workflow, "me").await.unwrap();

    world.until(workflow, S::Canceled).await;
}

#[tokio::test]
async fn a_workflow_is_told_of_the_last_try_alone() {
    let (mut world, _role) = World::conducted(attentive()).await;
    world.retry_policy("act", 0).await;
    world.define("inner", INNER).await;
    let workflow = world.request("inner", json!({})).await;

    world.fail("x").await;
    world.fail("x").await;
    world.succeed("x", json!({})).await;
    world.succeed("y", json!({})).await;

    world.until(workflow, S::Succeeded).await;
}
