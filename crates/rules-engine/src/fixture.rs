//! Rules for tests.

use chrono::{DateTime, Utc};
use model::{
    Reference, Rule, RuleAction, RuleKind, RuleTrigger, TraceContext, TriggerInstance,
    TriggerInstanceStatus,
};
use serde_json::Value;

pub(crate) const TRIGGER: &str = "demo.hook";

pub(crate) fn now() -> DateTime<Utc> {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

/// A rule of the pack `demo` with these criteria. Equal calls give equal rules.
pub(crate) fn rule(name: &str, criteria: Value) -> Rule {
    Rule {
        tags: Vec::new(),
        uid: format!("rule:demo:{name}"),
        metadata_file: String::new(),
        name: name.to_owned(),
        rule_ref: Reference::new("demo", name),
        description: None,
        pack: "demo".to_owned(),
        kind: RuleKind::default(),
        trigger: RuleTrigger {
            type_ref: TRIGGER.to_owned(),
            parameters: model::Object::new(),
            trigger_ref: TRIGGER.to_owned(),
        },
        criteria: serde_json::from_value(criteria).unwrap(),
        action: RuleAction {
            action_ref: "core.noop".to_owned(),
            parameters: model::Object::new(),
        },
        context: model::Object::new(),
        enabled: true,
        id: "0123456789abcdef01234567"
            .parse::<model::ObjectId>()
            .unwrap()
            .into(),
    }
}

/// An instance of the trigger that the rules listen to.
pub(crate) fn instance(payload: Value) -> TriggerInstance {
    let id: model::ObjectId = "0123456789abcdef01234567".parse().unwrap();
    TriggerInstance {
        id: id.into(),
        trigger: TRIGGER.to_owned(),
        trigger_type: TRIGGER.to_owned(),
        payload,
        occurrence_time: now(),
        status: TriggerInstanceStatus::Pending,
        status_reason: None,
        trace: TraceContext {
            id: id.into(),
            tag: "demo".to_owned(),
        },
        caused_by: None,
    }
}
