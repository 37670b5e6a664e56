//! Things to store, with what a test cares about left to it.

use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta, Utc};
use model::{
    Action, EnforcedRule, EnforcementStatus, Execution, ExecutionContext, ExecutionId,
    ExecutionStatus, IdSource, Lease, LogEntry, Object, ObjectId, Page, Reference, Rule,
    RuleAction, RuleEnforcement, RuleKind, RuleOrigin, RuleTrigger, RunnerInfo, RunnerType,
    TraceContext, Trigger, TriggerInstance, TriggerInstanceOrigin, TriggerInstanceStatus,
    TriggerType,
};
use serde_json::{Value, json};
use store::{FinishedExecution, ProcessedInstance, RuleDraft};

static IDS: LazyLock<IdSource> = LazyLock::new(IdSource::new);

/// The time that tests happen at.
pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

pub(crate) fn seconds_later(seconds: i64) -> DateTime<Utc> {
    noon() + TimeDelta::seconds(seconds)
}

pub(crate) fn id<I: From<ObjectId>>() -> I {
    IDS.next(noon())
}

pub(crate) fn id_at<I: From<ObjectId>>(at: DateTime<Utc>) -> I {
    IDS.next(at)
}

pub(crate) const ALL: Page = Page {
    limit: 1000,
    offset: 0,
};

pub(crate) fn page(limit: u32, offset: u32) -> Page {
    Page { limit, offset }
}

pub(crate) fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        other => panic!("{other} is no object"),
    }
}

fn trace_at(at: DateTime<Utc>) -> TraceContext {
    let id = id_at(at);
    TraceContext {
        id,
        tag: format!("tag-{id}"),
    }
}

pub(crate) fn instance() -> TriggerInstance {
    instance_at(noon())
}

pub(crate) fn instance_at(at: DateTime<Utc>) -> TriggerInstance {
    TriggerInstance {
        id: id_at(at),
        trigger: "core.st2.webhook".into(),
        trigger_type: "core.st2.webhook".into(),
        payload: json!({"body": {"z": 1, "a": [true, null, 1.5, "ü\u{0}"]}}),
        occurrence_time: at,
        status: TriggerInstanceStatus::Pending,
        status_reason: None,
        trace: trace_at(at),
        caused_by: None,
    }
}

pub(crate) fn enforcement_of(instance: &TriggerInstance) -> RuleEnforcement {
    RuleEnforcement {
        id: id_at(instance.occurrence_time),
        trigger_instance_id: instance.id,
        execution_id: None,
        rule: EnforcedRule {
            rule_ref: "demo.rule".into(),
            id: id(),
            uid: "rule:demo:rule".into(),
        },
        enforced_at: instance.occurrence_time,
        status: EnforcementStatus::Succeeded,
        failure_reason: None,
        trace: instance.trace.clone(),
    }
}

pub(crate) fn execution() -> Execution {
    execution_at(noon())
}

pub(crate) fn execution_at(at: DateTime<Utc>) -> Execution {
    Execution {
        id: id_at(at),
        action_ref: "core.local".parse().unwrap(),
        runner: "local-shell-cmd".into(),
        snapshot: "snapshot".into(),
        status: ExecutionStatus::Requested,
        parameters: object(json!({"cmd": "date", "an_earlier_key": 1})),
        context: ExecutionContext {
            user: "ada".into(),
            pack: "core".into(),
            ..ExecutionContext::default()
        },
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
        notify: object(json!({"on_complete": {"message": "done"}})),
        lease: None,
        gates: Vec::new(),
    }
}

pub(crate) fn executions(count: usize) -> Vec<Execution> {
    (0..count).map(|_| execution()).collect()
}

pub(crate) fn ids_of(executions: &[Execution]) -> Vec<ExecutionId> {
    executions.iter().map(|execution| execution.id).collect()
}

/// The execution that a rule requests for an instance, and the enforcement between them.
pub(crate) fn fired(instance: &TriggerInstance) -> (RuleEnforcement, Execution) {
    let mut enforcement = enforcement_of(instance);
    let mut execution = execution_at(instance.occurrence_time);
    enforcement.execution_id = Some(execution.id);
    execution.context.rule = Some(RuleOrigin {
        id: enforcement.rule.id,
        name: "rule".into(),
        rule_ref: "demo.rule".into(),
    });
    execution.context.trigger_instance = Some(TriggerInstanceOrigin {
        id: instance.id,
        trigger: instance.trigger.clone(),
        trigger_type: instance.trigger_type.clone(),
    });
    execution.context.enforcement = Some(enforcement.id);
    execution.context.trace = Some(instance.trace.clone());
    (enforcement, execution)
}

pub(crate) fn processed(instance: &TriggerInstance) -> ProcessedInstance {
    let (enforcement, execution) = fired(instance);
    ProcessedInstance {
        id: instance.id,
        status: TriggerInstanceStatus::Processed,
        reason: "1 of 1 rules fired".into(),
        enforcements: vec![enforcement],
        executions: vec![execution],
    }
}

pub(crate) fn lease(holder: &str) -> Lease {
    Lease {
        holder: holder.into(),
        expires_at: seconds_later(30),
    }
}

pub(crate) fn runner() -> RunnerInfo {
    RunnerInfo {
        hostname: "host".into(),
        pid: 42,
    }
}

pub(crate) fn end(id: ExecutionId, holder: &str, result: Value) -> FinishedExecution {
    FinishedExecution {
        id,
        holder: holder.into(),
        status: ExecutionStatus::Succeeded,
        result,
        at: seconds_later(5),
        follow_ups: Vec::new(),
        retry: None,
    }
}

pub(crate) fn action(pack: &str, name: &str) -> Action {
    Action {
        tags: Vec::new(),
        uid: format!("action:{pack}:{name}"),
        metadata_file: format!("actions/{name}.yaml"),
        name: name.into(),
        action_ref: Reference::new(pack, name),
        description: Some("an action".into()),
        enabled: true,
        entry_point: String::new(),
        pack: pack.into(),
        runner_type: "noop".into(),
        parameters: object(json!({"z": {"type": "string"}, "a": {"type": "integer"}})),
        output_schema: Object::new(),
        notify: Object::new(),
        id: id(),
    }
}

pub(crate) fn runner_type(name: &str) -> RunnerType {
    serde_json::from_value(json!({
        "name": name, "description": "", "uid": format!("runner_type:{name}"), "enabled": true,
        "runner_package": "p", "runner_module": "m", "id": id::<model::RunnerTypeId>(),
    }))
    .unwrap()
}

pub(crate) fn trigger_type(pack: &str, name: &str) -> TriggerType {
    TriggerType {
        description: None,
        tags: Vec::new(),
        uid: format!("trigger_type:{pack}:{name}"),
        metadata_file: Some(format!("triggers/{name}.yaml")),
        type_ref: Reference::new(pack, name),
        name: name.into(),
        pack: pack.into(),
        payload_schema: Object::new(),
        parameters_schema: Object::new(),
        id: id(),
    }
}

/// A draft of a rule in `pack` that listens to a trigger type with parameters.
pub(crate) fn draft(pack: &str, name: &str, type_ref: &str, parameters: Value) -> RuleDraft {
    let parameters = object(parameters);
    let reference: Reference = type_ref.parse().unwrap();
    let trigger_id: model::TriggerId = id();
    let trigger_name = if parameters.is_empty() {
        reference.name().to_owned()
    } else {
        format!("uuid-{trigger_id}")
    };
    RuleDraft {
        rule: Rule {
            tags: Vec::new(),
            uid: format!("rule:{pack}:{name}"),
            metadata_file: format!("rules/{name}.yaml"),
            name: name.into(),
            rule_ref: Reference::new(pack, name),
            description: None,
            pack: pack.into(),
            kind: RuleKind::default(),
            trigger: RuleTrigger {
                type_ref: type_ref.into(),
                parameters: parameters.clone(),
                trigger_ref: String::new(),
            },
            criteria: Object::new(),
            action: RuleAction {
                action_ref: "core.noop".into(),
                parameters: Object::new(),
            },
            context: Object::new(),
            enabled: true,
            id: id(),
        },
        trigger: Trigger {
            uid: format!("trigger:{}:{trigger_name}", reference.pack()),
            trigger_ref: Reference::new(reference.pack(), &trigger_name),
            name: trigger_name,
            pack: reference.pack().into(),
            type_ref: type_ref.into(),
            parameters,
            description: None,
            id: trigger_id,
        },
    }
}
