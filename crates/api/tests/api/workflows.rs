//! Workflows: steered, shown with their tasks, inspected.

use axum::body::Body;
use http::{Method, StatusCode};
use model::{
    Action, Execution, ExecutionId, ExecutionStatus, LogEntry, TaskOrigin, WorkflowExecutionId,
};
use serde_json::{Value, json};
use store::StatusChange;

use crate::harness::{Answer, App};

const SCHEMA: &str = "properties.tasks.patternProperties.^\\w+$.properties";

impl App {
    /// An execution of `demo.flow`, a workflow.
    async fn flow(&self) -> Execution {
        let id: model::ActionId = self.api.ids.next(self.api.clock.now());
        let action: Action = serde_json::from_value(json!({
            "uid": "action:demo:flow", "name": "flow", "ref": "demo.flow", "pack": "demo", "enabled": true,
            "runner_type": "orquesta", "parameters": {}, "id": id,
        }))
        .unwrap();
        self.api.store.save(action).await.unwrap();
        let made = self
            .post("/v1/executions", json!({"action": "demo.flow"}))
            .await;
        self.stored(&made).await
    }

    async fn stored(&self, answer: &Answer) -> Execution {
        let id: ExecutionId = answer.body["id"].as_str().unwrap().parse().unwrap();
        self.api.store.execution(id).await.unwrap().unwrap()
    }

    async fn bring_to(&self, execution: &Execution, next: ExecutionStatus) {
        let change = StatusChange {
            id: execution.id,
            expected: ExecutionStatus::ALL.to_vec(),
            next,
            at: self.api.clock.now(),
            result: None,
            follow_ups: Vec::new(),
        };
        self.api
            .store
            .change_status(&change)
            .await
            .unwrap()
            .unwrap();
    }

    /// The execution of a task of `parent`, which succeeded.
    async fn task(&self, parent: &Execution, name: &str, action: &Execution) -> Execution {
        self.api
            .clock
            .advance(std::time::Duration::from_millis(500));
        let now = self.api.clock.now();
        let mut task = action.clone();
        task.id = self.api.ids.next(now);
        task.start_timestamp = now;
        task.status = ExecutionStatus::Succeeded;
        task.end_timestamp = Some(now);
        task.log = [ExecutionStatus::Requested, ExecutionStatus::Succeeded]
            .into_iter()
            .map(|status| LogEntry {
                timestamp: now,
                status,
            })
            .collect();
        let workflow: WorkflowExecutionId = self.api.ids.next(now);
        task.context.parent = Some(parent.id);
        task.context.task = Some(TaskOrigin {
            workflow_execution_id: parent.context.workflow_execution.unwrap_or(workflow),
            task_execution_id: self.api.ids.next(now),
            task_name: name.to_owned(),
            task_id: name.to_owned(),
            task_route: 0,
            item_id: None,
        });
        if model::is_conducted(&task.runner) {
            task.context.workflow_execution = Some(workflow);
        }
        let parts = std::slice::from_ref(&task);
        self.api.store.request_executions(parts).await.unwrap();
        task
    }

    async fn inspect(&self, text: &'static str) -> Answer {
        let path = "/v1/workflows/inspect";
        self.send(Method::POST, path, Body::from(text), Some("text/plain"))
            .await
    }
}

fn path(execution: &Execution) -> String {
    format!("/v1/executions/{}", execution.id)
}

#[tokio::test]
async fn a_workflow_is_paused_and_goes_on() {
    let app = App::new().await;
    let flow = app.flow().await;
    app.bring_to(&flow, ExecutionStatus::Running).await;
    let put = async |status: &str| {
        let answer = app.put(&path(&flow), json!({"status": status})).await;
        (answer.status, answer.body["status"].clone())
    };

    assert_eq!(put("pausing").await, (StatusCode::OK, json!("pausing")));
    assert_eq!(put("paused").await, (StatusCode::OK, json!("pausing")));
    assert_eq!(put("resuming").await.0, StatusCode::BAD_REQUEST);
    app.bring_to(&flow, ExecutionStatus::Paused).await;
    assert_eq!(put("pausing").await, (StatusCode::OK, json!("paused")));
    assert_eq!(put("resuming").await, (StatusCode::OK, json!("resuming")));
    assert_eq!(put("running").await, (StatusCode::OK, json!("resuming")));
    assert_eq!(put("canceled").await, (StatusCode::OK, json!("canceling")));
}

#[tokio::test]
async fn what_cannot_be_paused_says_so() {
    let app = App::new().await;
    let flow = app.flow().await;
    let plain = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let plain = app.stored(&plain).await;

    let not_yet = app.put(&path(&flow), json!({"status": "pausing"})).await;
    let never = app.put(&path(&plain), json!({"status": "resuming"})).await;

    assert_eq!(
        (not_yet.status, not_yet.fault().to_owned()),
        (
            StatusCode::BAD_REQUEST,
            format!(
                "Failed updating execution. Unable to pause liveaction \"{}\" because it is not in a running state.",
                flow.id
            )
        )
    );
    assert_eq!(
        (never.status, never.fault().to_owned()),
        (
            StatusCode::BAD_REQUEST,
            format!(
                "Failed updating execution. Unable to resume liveaction \"{}\" because it is not supported by the \"noop\" runner.",
                plain.id
            )
        )
    );
}

#[tokio::test]
async fn tasks_are_shown_as_stackstorm_shows_them() {
    let app = App::new().await;
    let flow = app.flow().await;
    let plain = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let plain = app.stored(&plain).await;
    let inner = app.task(&flow, "inner", &flow).await;
    let one = app.task(&inner, "one", &plain).await;
    let two = app.task(&inner, "two", &plain).await;
    let after = app.task(&flow, "after", &plain).await;

    let shown = app.get(&path(&one)).await.body;
    let task = one.context.task.as_ref().unwrap();
    assert_eq!(shown["parent"], json!(inner.id));
    assert_eq!(
        shown["workflow_execution"],
        json!(task.workflow_execution_id)
    );
    assert_eq!(shown["task_execution"], json!(task.task_execution_id));
    assert_eq!(
        shown["context"]["orquesta"],
        json!({
            "workflow_execution_id": inner.context.workflow_execution, "task_execution_id": task.task_execution_id,
            "task_name": "one", "task_id": "one", "task_route": 0,
        })
    );
    let shown = app.get(&path(&inner)).await.body;
    assert_eq!(
        shown["context"]["workflow_execution"],
        json!(inner.context.workflow_execution)
    );
    assert_eq!(shown["liveaction"]["action_is_workflow"], json!(true));
    assert_eq!(shown["children"], json!([one.id, two.id]));
    let ids = async |query: &str| {
        let listed = app
            .get(&format!("{}/children{query}", path(&flow)))
            .await
            .body;
        let id = |one: &Value| one["id"].clone();
        listed.as_array().unwrap().iter().map(id).collect::<Value>()
    };
    assert_eq!(ids("").await, json!([inner.id, one.id, two.id, after.id]));
    assert_eq!(ids("?depth=1").await, json!([inner.id, after.id]));
    assert_eq!(ids("?depth=2").await, ids("?depth=-1").await);
    assert_eq!(
        ids("?result_fmt=sorted").await,
        json!([inner.id, one.id, two.id, after.id])
    );
}

#[tokio::test]
async fn what_a_workflow_did_is_its_output() {
    let app = App::new().await;
    let flow = app.flow().await;
    let plain = app
        .post("/v1/executions", json!({"action": "core.noop"}))
        .await;
    let plain = app.stored(&plain).await;
    let inner = app.task(&flow, "inner", &flow).await;
    let one = app.task(&inner, "one", &plain).await;

    let text = app.get(&format!("{}/output", path(&inner))).await.body;
    let none = app
        .get(&format!("{}/output?output_type=stdout", path(&inner)))
        .await
        .body;

    let text = text.as_str().unwrap();
    let id = inner.context.workflow_execution.unwrap();
    assert!(
        text.starts_with(&format!("Workflow execution \"{id}\" is created.\n")),
        "{text}"
    );
    let line = format!(
        "Action execution \"{}\" for task \"one\" is updated and in \"succeeded\" state.\n",
        one.id
    );
    assert!(text.contains(&line), "{text}");
    assert_eq!(none, Value::Null);
}

#[tokio::test]
async fn a_workflow_is_run_again_from_its_tasks() {
    let app = App::new().await;
    let flow = app.flow().await;
    app.bring_to(&flow, ExecutionStatus::Failed).await;
    let again = async |body: Value| app.post(&format!("{}/re_run", path(&flow)), body).await;

    let part = again(json!({"tasks": ["bad"], "reset": ["bad"]})).await;
    let fresh = app
        .post(
            &format!("{}/re_run?no_merge=true", path(&flow)),
            json!({"tasks": ["bad"]}),
        )
        .await;
    let parameters = again(json!({"tasks": ["bad"], "parameters": {"x": 1}})).await;
    let reset = again(json!({"tasks": ["bad"], "reset": ["other"]})).await;
    let number = again(json!({"tasks": [1]})).await;

    assert_eq!(part.status, StatusCode::CREATED);
    assert_eq!(
        part.body["context"]["re-run"],
        json!({"ref": flow.id, "tasks": ["bad"], "reset": ["bad"]})
    );
    assert_eq!(
        fresh.body["context"]["re-run"],
        json!({"ref": flow.id, "tasks": ["bad"]})
    );
    for (answer, fault) in [
        (
            parameters,
            "Parameters override is not supported when re-running task(s) for a workflow.",
        ),
        (
            reset,
            "List of tasks to reset does not match the tasks to rerun.",
        ),
        (number, "1 is not of type 'string'"),
    ] {
        assert_eq!(
            (answer.status, answer.fault()),
            (StatusCode::BAD_REQUEST, fault)
        );
    }
}

#[tokio::test]
async fn inspection_says_what_is_wrong_with_a_text() {
    let app = App::new().await;

    let good = app
        .inspect("version: 1.0\ntasks:\n  a:\n    action: core.noop\n")
        .await;
    let bad = app
        .inspect(
            "version: 1.0\ntasks:\n  a:\n    action: core.echo nonsense=1 count=<% ctx().none %>\n",
        )
        .await;

    assert_eq!((good.status, good.body), (StatusCode::OK, json!([])));
    assert_eq!(bad.status, StatusCode::OK);
    assert_eq!(
        bad.body,
        json!([
            {
                "type": "content", "message": "Action \"core.echo\" is missing required input \"message\".",
                "spec_path": "tasks.a.input", "schema_path": format!("{SCHEMA}.input"),
            },
            {
                "type": "content", "message": "Action \"core.echo\" has unexpected input \"nonsense\".",
                "spec_path": "tasks.a.input.nonsense",
                "schema_path": format!("{SCHEMA}.input.patternProperties.^\\w+$"),
            },
            {
                "type": "context", "message": "Variable \"none\" is referenced before assignment.", "language": "yaql",
                "expression": "<% ctx().none %>", "spec_path": "tasks.a.input", "schema_path": format!("{SCHEMA}.input"),
            },
        ])
    );
}

#[tokio::test]
async fn a_text_that_is_no_mapping_is_refused() {
    let app = App::new().await;

    for text in ["a: [", "", "- a\n", "just text"] {
        let answer = app.inspect(text).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{text}");
        let fault = answer.fault();
        assert!(
            fault.starts_with("Failed to load workflow definition because "),
            "{fault}"
        );
    }
}
