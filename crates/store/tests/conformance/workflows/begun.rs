//! Workflows to conduct, and steps of them.

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionId, ExecutionStatus as S, Lease, LogEntry};
use serde_json::Value;
use store::{RecordChange, StatusChange, Store, WorkflowBeginning, WorkflowStep};

use crate::builders::*;

pub(super) const DEFINITION: &str = "version: 1.0\ntasks:\n  one:\n    action: core.noop\n";

/// A requested workflow.
pub(super) fn workflow() -> Execution {
    workflow_at(noon())
}

pub(super) fn workflow_at(at: DateTime<Utc>) -> Execution {
    Execution {
        runner: "orquesta".into(),
        ..execution_at(at)
    }
}

/// An execution that a workflow asks for.
pub(super) fn child_of(workflow: ExecutionId) -> Execution {
    let mut child = execution();
    child.context.parent = Some(workflow);
    child
}

pub(super) async fn claim(store: &Store, ids: &[ExecutionId], holder: &str) -> Vec<Execution> {
    store
        .claim_workflows(ids, &lease(holder), &runner(), noon())
        .await
        .unwrap()
}

/// Workflows that `a` has claimed and begun.
pub(super) async fn begun(store: &Store, count: usize) -> Vec<ExecutionId> {
    let requested: Vec<Execution> = (0..count).map(|_| workflow()).collect();
    store.request_executions(&requested).await.unwrap();
    let ids = ids_of(&requested);
    assert_eq!(claim(store, &ids, "a").await.len(), count);
    let steps: Vec<WorkflowStep> = requested
        .iter()
        .map(|execution| WorkflowStep {
            beginning: Some(WorkflowBeginning {
                definition: DEFINITION.into(),
                context: execution.context.clone(),
            }),
            ..step(execution.id, "a", vec![])
        })
        .collect();
    assert_eq!(store.advance_workflows(&steps).await.unwrap().len(), count);
    ids
}

/// A step that changes records only.
pub(super) fn step(id: ExecutionId, holder: &str, changes: Vec<RecordChange>) -> WorkflowStep {
    WorkflowStep {
        id,
        holder: holder.into(),
        beginning: None,
        context: None,
        changes,
        requests: Vec::new(),
        status: None,
        end: None,
        is_released: false,
        at: seconds_later(3),
    }
}

pub(super) fn with_status(id: ExecutionId, status: S) -> WorkflowStep {
    WorkflowStep {
        status: Some(status),
        ..step(id, "a", vec![])
    }
}

pub(super) fn ending(id: ExecutionId, holder: &str, result: Value) -> WorkflowStep {
    WorkflowStep {
        end: Some(end(id, holder, result)),
        ..step(id, holder, vec![])
    }
}

pub(super) fn put(key: &str, body: &str) -> RecordChange {
    RecordChange::Put {
        key: key.into(),
        body: body.into(),
    }
}

pub(super) fn remove(key: &str) -> RecordChange {
    RecordChange::Remove { key: key.into() }
}

pub(super) fn remove_under(prefix: &str) -> RecordChange {
    RecordChange::RemoveUnder {
        prefix: prefix.into(),
    }
}

pub(super) async fn advance(store: &Store, step: WorkflowStep) -> Vec<(ExecutionId, S)> {
    store.advance_workflows(&[step]).await.unwrap()
}

/// Another's wish: the workflow's state is this from now on.
pub(super) async fn set(store: &Store, id: ExecutionId, next: S) -> Execution {
    let change = StatusChange {
        id,
        expected: S::ALL.to_vec(),
        next,
        at: seconds_later(2),
        result: None,
        follow_ups: Vec::new(),
    };
    store.change_status(&change).await.unwrap().unwrap()
}

pub(super) async fn now_is(store: &Store, id: ExecutionId) -> Execution {
    store.execution(id).await.unwrap().unwrap()
}

pub(super) async fn records(store: &Store, id: ExecutionId) -> Vec<(String, String)> {
    store.workflow(id).await.unwrap().unwrap().records
}

pub(super) async fn keys(store: &Store, id: ExecutionId) -> Vec<String> {
    records(store, id)
        .await
        .into_iter()
        .map(|(key, _)| key)
        .collect()
}

/// The states that a log tells, with the seconds after noon.
pub(super) fn passed(execution: &Execution) -> Vec<(i64, S)> {
    execution
        .log
        .iter()
        .map(|LogEntry { timestamp, status }| ((*timestamp - noon()).num_seconds(), *status))
        .collect()
}

/// A lease of `b`, taken when that of `a` is over.
pub(super) fn later_lease() -> Lease {
    Lease {
        holder: "b".into(),
        expires_at: seconds_later(99),
    }
}
