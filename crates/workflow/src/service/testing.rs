//! Executions for tests.

use model::{Execution, ExecutionContext, ExecutionStatus, IdSource, LogEntry, Object};

pub(crate) fn execution(action: &str, runner: &str) -> Execution {
    let at = "2026-01-01T00:00:00Z".parse().unwrap();
    Execution {
        id: IdSource::new().next(at),
        action_ref: action.parse().unwrap(),
        runner: runner.to_owned(),
        snapshot: "snapshot".to_owned(),
        status: ExecutionStatus::Requested,
        parameters: Object::new(),
        context: ExecutionContext::default(),
        start_timestamp: at,
        end_timestamp: None,
        delay_ms: None,
        result: None,
        result_size: None,
        log: vec![LogEntry {
            timestamp: at,
            status: ExecutionStatus::Requested,
        }],
        runner_info: None,
        notify: Object::new(),
        lease: None,
    }
}
