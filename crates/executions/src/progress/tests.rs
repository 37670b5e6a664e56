use ExecutionStatus as S;
use model::{ExecutionContext, ExecutionId, LogEntry};
use serde_json::json;

use super::*;

const WORKFLOW: &str = "650000000000000000000001";

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

/// An execution that passed these states, each at a second.
fn execution(id: &str, log: &[(i64, S)]) -> Execution {
    let log: Vec<LogEntry> = log
        .iter()
        .map(|(second, status)| LogEntry {
            timestamp: at(*second),
            status: *status,
        })
        .collect();
    let execution = json!({
        "id": id, "action_ref": "core.noop", "runner": "noop", "snapshot": "", "parameters": {},
        "context": ExecutionContext::default(), "start_timestamp": log[0].timestamp,
        "status": log.last().unwrap().status, "log": log,
    });
    serde_json::from_value(execution).unwrap()
}

fn workflow(log: &[(i64, S)]) -> Execution {
    let mut workflow = execution(WORKFLOW, log);
    workflow.context.workflow_execution = Some("650000000000000000000002".parse().unwrap());
    workflow
}

/// The id of a task's run by its number.
fn run(number: u8) -> String {
    format!("6500000000000000000001{number:02}")
}

/// The id of a task's execution by its number.
fn id(number: u8) -> String {
    format!("6500000000000000000002{number:02}")
}

fn child(number: u8, task: &str, item: Option<usize>, log: &[(i64, S)]) -> Execution {
    let mut child = execution(&id(number), log);
    child.context.parent = Some(WORKFLOW.parse::<ExecutionId>().unwrap());
    let task_run = item.map_or(number, |_| 50);
    child.context.task = Some(TaskOrigin {
        workflow_execution_id: "650000000000000000000002".parse().unwrap(),
        task_execution_id: run(task_run).parse().unwrap(),
        task_name: task.to_owned(),
        task_id: task.to_owned(),
        task_route: 0,
        item_id: item,
    });
    child
}

#[test]
fn tasks_in_a_row_are_told_as_stackstorm_tells_them() {
    let passed = |from| {
        [
            (from, S::Requested),
            (from, S::Scheduled),
            (from + 1, S::Running),
            (from + 2, S::Succeeded),
        ]
    };
    let workflow = workflow(&[
        (0, S::Requested),
        (0, S::Scheduled),
        (0, S::Running),
        (5, S::Succeeded),
    ]);
    let children = [
        child(1, "one", None, &passed(1)),
        child(2, "two", None, &passed(3)),
    ];

    let text = progress(&workflow, &children);

    let [run1, run2, id1, id2] = [run(1), run(2), id(1), id(2)];
    assert_eq!(
        text,
        format!(
            r#"Workflow execution "650000000000000000000002" is created.
Processing request for workflow execution.
Requesting conductor to start running workflow execution.
Identifying next set (iter 0) of tasks for workflow execution in status "running".
Identified the following set of tasks to execute next: one (route 0)
Updating workflow execution from status "requested" to "running".
Requesting execution for task "one", route "0".
Task execution "{run1}" created for task "one", route "0".
Action execution "{id1}" requested for task "one", route "0".
Identifying next set (iter 1) of tasks for workflow execution in status "running".
No tasks identified to execute next.


Action execution "{id1}" for task "one" is updated and in "scheduled" state.
Action execution "{id1}" for task "one" is updated and in "running" state.
Action execution "{id1}" for task "one" is updated and in "succeeded" state.
Handling completion of action execution "{id1}" in status "succeeded" for task "one", route "0".
Updating task execution "{run1}" for task "one" from status "running" to "succeeded".
Identifying next set (iter 0) of tasks after completion of task "one", route "0".
Identified the following set of tasks to execute next: two (route 0)
Requesting execution for task "two", route "0".
Task execution "{run2}" created for task "two", route "0".
Action execution "{id2}" requested for task "two", route "0".
Identifying next set (iter 1) of tasks for workflow execution in status "running".
No tasks identified to execute next.


Action execution "{id2}" for task "two" is updated and in "scheduled" state.
Action execution "{id2}" for task "two" is updated and in "running" state.
Action execution "{id2}" for task "two" is updated and in "succeeded" state.
Handling completion of action execution "{id2}" in status "succeeded" for task "two", route "0".
Updating task execution "{run2}" for task "two" from status "running" to "succeeded".
Updating workflow execution from status "running" to "succeeded".
Workflow action execution is completed and invoking post run.
Identifying next set (iter 0) of tasks after completion of task "two", route "0".
No tasks identified to execute next.


The workflow execution is completed with status "succeeded".


"#
        )
    );
}

#[test]
fn a_failure_says_why() {
    let mut workflow = workflow(&[(0, S::Requested), (0, S::Running), (2, S::Failed)]);
    workflow.result =
        Some(json!({"output": null, "errors": [{"type": "error", "result": {"failed": true}}]}));
    let children = [child(1, "bad", None, &[(1, S::Requested), (2, S::Failed)])];

    let text = progress(&workflow, &children);

    let end = [
        "Updating workflow execution from status \"running\" to \"failed\".",
        "Workflow execution completed with errors.",
        "{'type': 'error', 'result': {'failed': True}}",
        "Workflow action execution is completed and invoking post run.",
    ];
    assert!(text.contains(&end.join("\n")), "{text}");
    assert!(
        text.contains("is completed with status \"failed\"."),
        "{text}"
    );
}

#[test]
fn items_share_the_run_of_their_task() {
    let workflow = workflow(&[(0, S::Requested), (0, S::Running)]);
    let children = [
        child(1, "each", Some(0), &[(1, S::Requested), (2, S::Succeeded)]),
        child(2, "each", Some(1), &[(3, S::Requested)]),
    ];

    let text = progress(&workflow, &children);

    let run = run(50);
    for line in [
        "Mark task \"each\", route \"0\", item \"0\" in conductor as running.".to_owned(),
        format!("Task execution \"{run}\" created for task \"each\", route \"0\"."),
        "Processing action execution for task \"each\", route \"0\", item \"0\".".to_owned(),
        format!("Task execution \"{run}\" retrieved for task \"each\", route \"0\"."),
    ] {
        assert_eq!(text.matches(&line).count(), 1, "{line}\n{text}");
    }
}

#[test]
fn a_pause_is_told_where_it_was() {
    let workflow = workflow(&[
        (0, S::Requested),
        (0, S::Running),
        (2, S::Pausing),
        (4, S::Paused),
        (6, S::Resuming),
        (7, S::Running),
    ]);
    let children = [
        child(1, "one", None, &[(1, S::Requested), (3, S::Succeeded)]),
        child(2, "two", None, &[(7, S::Requested)]),
    ];

    let text = progress(&workflow, &children);

    let order = [
        "from status \"running\" to \"pausing\"",
        "after completion of task \"one\"",
        "from status \"pausing\" to \"paused\"",
        "from status \"resuming\" to \"running\"",
        "Identified the following set of tasks to execute next: two",
    ];
    let places: Vec<_> = order.iter().map(|line| text.find(line)).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "{places:?}\n{text}"
    );
}

#[test]
fn what_has_not_begun_has_no_progress() {
    let mut workflow = workflow(&[(0, S::Requested), (1, S::Failed)]);
    workflow.context.workflow_execution = None;

    assert_eq!(progress(&workflow, &[]), "");
}
