//! Executions and snapshots for tests.

use model::{
    Action, ActionSnapshot, Execution, ExecutionContext, ExecutionStatus, IdSource, Object,
    RunnerType,
};

/// An execution of `core.local` that was just requested.
pub(crate) fn execution() -> Execution {
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    Execution {
        id: IdSource::new().next(now),
        action_ref: "core.local".parse().unwrap(),
        runner: "local-shell-cmd".to_owned(),
        snapshot: "s".to_owned(),
        status: ExecutionStatus::Requested,
        parameters: Object::new(),
        context: ExecutionContext {
            user: "me".into(),
            pack: "core".into(),
            ..ExecutionContext::default()
        },
        start_timestamp: now,
        end_timestamp: None,
        delay_ms: None,
        result: None,
        result_size: None,
        log: Vec::new(),
        runner_info: None,
        notify: Object::new(),
        lease: None,
        gates: Vec::new(),
    }
}

/// An action `core.local` of this runner, with the runner's real parameters.
pub(crate) fn snapshot(runner: &str) -> ActionSnapshot {
    let ids = IdSource::new();
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    let kind = model::built_in_runners()
        .into_iter()
        .find(|kind| kind.name == runner)
        .unwrap();
    let action = Action {
        tags: Vec::new(),
        uid: "action:core:local".to_owned(),
        metadata_file: String::new(),
        name: "local".to_owned(),
        action_ref: "core.local".parse().unwrap(),
        description: None,
        enabled: true,
        entry_point: String::new(),
        pack: "core".to_owned(),
        runner_type: runner.to_owned(),
        parameters: Object::new(),
        output_schema: Object::new(),
        notify: Object::new(),
        id: ids.next(now),
    };
    let runner = RunnerType {
        uid: format!("runner_type:{runner}"),
        name: kind.name,
        description: kind.description,
        enabled: true,
        runner_package: kind.runner_package,
        runner_module: kind.runner_module,
        runner_parameters: kind.runner_parameters,
        output_key: kind.output_key,
        output_schema: kind.output_schema,
        id: ids.next(now),
    };
    ActionSnapshot {
        key: "s".to_owned(),
        action,
        runner,
    }
}
