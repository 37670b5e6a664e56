//! Workflows paused, resumed, cancelled and run again.

use bus::{TaskChange, TasksChanged, WorkflowsRequested};
use model::{TaskOrigin, TraceContext};
use store::StatusChange;

use super::*;

/// Stores the action `demo.flow`, by the runner `orquesta`.
async fn define_flow(world: &World) {
    let mut action = world.action("flow", json!({"name": {"type": "string", "secret": true}}));
    action.runner_type = "orquesta".to_owned();
    world.store.save(action).await.unwrap();
}

async fn flow(world: &World) -> Execution {
    define_flow(world).await;
    let request = ExecutionRequest {
        action: "demo.flow".to_owned(),
        ..request(json!({"name": "hunter2"}))
    };
    world.executions.request(request).await.unwrap()
}

/// Brings an execution into a state in which nobody holds it.
async fn bring_to(world: &World, execution: &Execution, next: ExecutionStatus) {
    let change = StatusChange {
        id: execution.id,
        expected: ExecutionStatus::ALL.to_vec(),
        next,
        at: world.clock.now(),
        result: None,
        follow_ups: Vec::new(),
    };
    world.store.change_status(&change).await.unwrap().unwrap();
}

async fn is_wanted(news: &mut Listener, id: model::ExecutionId) -> bool {
    loop {
        if let News::WorkflowWanted(wanted) = news.next().await.unwrap() {
            return wanted.id == id;
        }
    }
}

/// The executions of the next announcement to conductors.
async fn offered(work: &mut Worker<WorkflowsRequested>) -> Vec<model::ExecutionId> {
    let delivery = work.next().await.unwrap();
    let message: WorkflowsRequested = delivery.message.clone();
    delivery.done();
    assert!(!json!(message.executions).to_string().contains("hunter2"));
    message.executions.iter().map(|one| one.id).collect()
}

#[tokio::test]
async fn a_workflow_that_runs_is_paused_by_who_conducts_it() {
    let world = World::new().await;
    let running = flow(&world).await;
    bring_to(&world, &running, ExecutionStatus::Running).await;
    let mut news = world.bus.listen_to_all().await.unwrap();

    let pausing = world.executions.pause(running.id, "you").await.unwrap();
    let again = world.executions.pause(running.id, "you").await.unwrap();

    assert_eq!(pausing.status, ExecutionStatus::Pausing);
    assert_eq!(again.status, ExecutionStatus::Pausing);
    assert_eq!(pausing.log.last().unwrap().status, ExecutionStatus::Pausing);
    assert!(is_wanted(&mut news, running.id).await);
    let shown = announced(&mut news).await;
    assert_eq!(shown.status, ExecutionStatus::Pausing);
    assert_eq!(shown.parameters["name"], MASK);
}

#[tokio::test]
async fn a_paused_workflow_is_offered_to_all_conductors_when_it_is_to_go_on() {
    let world = World::new().await;
    let mut work = world.bus.work::<WorkflowsRequested>(10).await.unwrap();
    let paused = flow(&world).await;
    assert_eq!(offered(&mut work).await, [paused.id]);
    bring_to(&world, &paused, ExecutionStatus::Paused).await;

    let resuming = world.executions.resume(paused.id, "you").await.unwrap();

    assert_eq!(resuming.status, ExecutionStatus::Resuming);
    assert_eq!(offered(&mut work).await, [paused.id]);
    let again = world.executions.resume(paused.id, "you").await.unwrap();
    assert_eq!(again.status, ExecutionStatus::Resuming);
}

#[tokio::test]
async fn only_workflows_in_the_right_state_are_paused_or_go_on() {
    let world = World::new().await;
    world.define(json!({})).await;
    let plain = world.request(json!({})).await.unwrap();
    let flow = flow(&world).await;
    let said = |error: PauseError| error.to_string();
    let (plain_id, id) = (plain.id, flow.id);

    assert_eq!(
        said(world.executions.pause(plain_id, "you").await.unwrap_err()),
        format!(
            "Unable to pause liveaction \"{plain_id}\" because it is not supported by the \"local-shell-cmd\" runner."
        )
    );
    assert_eq!(
        said(world.executions.resume(plain_id, "you").await.unwrap_err()),
        format!(
            "Unable to resume liveaction \"{plain_id}\" because it is not supported by the \"local-shell-cmd\" runner."
        )
    );
    assert_eq!(
        said(world.executions.pause(id, "you").await.unwrap_err()),
        format!("Unable to pause liveaction \"{id}\" because it is not in a running state.")
    );
    assert_eq!(
        said(world.executions.resume(id, "you").await.unwrap_err()),
        format!(
            "Unable to resume liveaction \"{id}\" because it is in \"requested\" state and not in \"paused\" state."
        )
    );
    let unknown = world.ids.next(world.clock.now());
    assert!(matches!(
        world.executions.pause(unknown, "you").await,
        Err(PauseError::Unknown(_))
    ));
}

#[tokio::test]
async fn a_workflow_that_has_begun_is_cancelled_by_who_conducts_it() {
    let world = World::new().await;
    for status in [ExecutionStatus::Running, ExecutionStatus::Paused] {
        let begun = flow(&world).await;
        bring_to(&world, &begun, status).await;
        let mut news = world.bus.listen_to_all().await.unwrap();

        let cancelled = world.executions.cancel(begun.id, "you").await.unwrap();

        assert_eq!(cancelled.status, ExecutionStatus::Canceling);
        assert!(is_wanted(&mut news, begun.id).await);
    }
    let waiting = flow(&world).await;
    let cancelled = world.executions.cancel(waiting.id, "you").await.unwrap();
    assert_eq!(cancelled.status, ExecutionStatus::Canceled);
}

#[tokio::test]
async fn an_end_by_hand_is_told_to_the_workflow_that_asked_for_the_execution() {
    let world = World::new().await;
    world.define(json!({})).await;
    let parent: model::ExecutionId = world.ids.next(world.clock.now());
    let task = TaskOrigin {
        workflow_execution_id: world.ids.next(world.clock.now()),
        task_execution_id: world.ids.next(world.clock.now()),
        task_name: "one".to_owned(),
        task_id: "one".to_owned(),
        task_route: 0,
        item_id: Some(2),
    };
    let child = async || {
        let mut request = request(json!({}));
        request.context.parent = Some(parent);
        request.context.task = Some(task.clone());
        world.executions.request(request).await.unwrap()
    };
    let (first, second) = (child().await, child().await);
    let mut work = world.bus.work::<TasksChanged>(10).await.unwrap();

    let cancelled = world.executions.cancel(first.id, "you").await.unwrap();
    let result = json!({"why": "by hand"});
    let settle = world
        .executions
        .settle(second.id, ExecutionStatus::Failed, Some(result.clone()));
    let settled = settle.await.unwrap();

    for ended in [cancelled, settled] {
        let delivery = work.next().await.unwrap();
        let expected = TaskChange {
            id: ended.id,
            workflow: parent,
            task: Some(task.clone()),
            status: ended.status,
            result: ended.result,
            at: ended.end_timestamp.unwrap(),
            first_try: None,
        };
        assert_eq!(delivery.message.changes, [expected]);
        delivery.done();
    }
}

fn tasks(tasks: &[&str], reset: &[&str]) -> RerunOptions {
    let owned = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    RerunOptions {
        tasks: owned(tasks),
        reset: owned(reset),
        user: "you".to_owned(),
        ..RerunOptions::default()
    }
}

#[tokio::test]
async fn a_workflow_begins_again_at_some_of_its_tasks() {
    let world = World::new().await;
    let old = flow(&world).await;
    bring_to(&world, &old, ExecutionStatus::Failed).await;

    let whole = world.executions.re_run(old.id, tasks(&[], &[]));
    let whole = whole.await.unwrap();
    let part = world.executions.re_run(old.id, tasks(&["a", "b"], &["b"]));
    let part = part.await.unwrap();

    assert_eq!(part.context.re_run_of, Some(old.id));
    assert_eq!(
        part.context.extra["re-run"],
        json!({"ref": old.id, "tasks": ["a", "b"], "reset": ["b"]})
    );
    let trace = |execution: &Execution| execution.context.trace.clone();
    let expected: Option<TraceContext> = trace(&old);
    assert_eq!((trace(&part), trace(&whole)), (expected.clone(), expected));
    assert!(whole.context.extra.is_empty());
    let parameters = world.executions.final_parameters(&part).await.unwrap();
    assert_eq!(parameters.action["name"], "hunter2");
}

#[tokio::test]
async fn wishes_for_tasks_that_make_no_sense_are_refused() {
    let world = World::new().await;
    world.define(json!({})).await;
    let plain = world.request(json!({})).await.unwrap();
    let flow = flow(&world).await;
    let said = async |id, options| {
        let refused = world.executions.re_run(id, options).await;
        refused.unwrap_err().to_string()
    };
    let with_parameters = RerunOptions {
        parameters: object(json!({"name": "x"})),
        ..tasks(&["a"], &[])
    };

    assert_eq!(
        said(flow.id, with_parameters).await,
        "Parameters override is not supported when re-running task(s) for a workflow."
    );
    assert_eq!(
        said(flow.id, tasks(&["a"], &["b"])).await,
        "List of tasks to reset does not match the tasks to rerun."
    );
    assert_eq!(
        said(plain.id, tasks(&["a"], &[])).await,
        "Task option is only supported for Orquesta workflows."
    );
    assert_eq!(
        said(flow.id, tasks(&["a"], &[])).await,
        format!(
            "Unable to rerun workflow execution \"{}\" because it is not in a completed state.",
            flow.id
        )
    );
}

#[tokio::test]
async fn inspection_knows_the_actions_and_their_parameters() {
    let world = World::new().await;
    world
        .define(json!({
            "needed": {"type": "string", "required": true},
            "filled": {"type": "string", "required": true, "default": "x"},
        }))
        .await;
    let text = "
version: 1.0
tasks:
  good:
    action: demo.act needed=1 timeout=5
  short:
    action: demo.act nonsense=1
  open:
    action: demo.act
    input: <% ctx(st2) %>
  unknown:
    action: demo.nothing
  wrong:
    action: nothing
    next: [{do: nowhere}]
";

    let errors = world
        .executions
        .inspect_workflow(text, &["st2", "parent"])
        .await
        .unwrap();

    let path = "properties.tasks.patternProperties.^\\w+$.properties";
    assert_eq!(
        json!(errors),
        json!([
            {
                "type": "content", "message": "The action \"demo.nothing\" is not registered in the database.",
                "spec_path": "tasks.unknown.action", "schema_path": format!("{path}.action"),
            },
            {
                "type": "content", "message": "The action reference \"nothing\" is not formatted correctly.",
                "spec_path": "tasks.wrong.action", "schema_path": format!("{path}.action"),
            },
            {
                "type": "content", "message": "Action \"demo.act\" is missing required input \"needed\".",
                "spec_path": "tasks.short.input", "schema_path": format!("{path}.input"),
            },
            {
                "type": "content", "message": "Action \"demo.act\" has unexpected input \"nonsense\".",
                "spec_path": "tasks.short.input.nonsense",
                "schema_path": format!("{path}.input.patternProperties.^\\w+$"),
            },
            {
                "type": "semantic", "message": "The task \"nowhere\" is not defined.",
                "spec_path": "tasks.wrong.next[0].do", "schema_path": format!("{path}.next.items.properties.do"),
            },
        ])
    );
}
