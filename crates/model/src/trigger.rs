//! Trigger types, triggers (a type with parameters) and trigger instances (one thing that happened).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    Object, Reference, Tag, TraceContext, TriggerId, TriggerInstanceId, TriggerInstanceStatus,
    TriggerTypeId,
};

/// A kind of event. The serde form is StackStorm's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriggerType {
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Free labels.
    #[serde(default)]
    pub tags: Vec<Tag>,
    /// `trigger_type:PACK:NAME`.
    pub uid: String,
    /// Where its metadata lies, relative to the pack; absent for those the engine brings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata_file: Option<String>,
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub type_ref: Reference,
    /// Its name in the pack.
    pub name: String,
    /// Its pack.
    pub pack: String,
    /// What an event of this kind carries.
    #[serde(default)]
    pub payload_schema: Object,
    /// What a rule may ask of this kind.
    #[serde(default)]
    pub parameters_schema: Object,
    /// Its id.
    pub id: TriggerTypeId,
}

/// A trigger type together with parameters: what a rule listens to.
///
/// As in StackStorm, a trigger without parameters has its type's name; one with parameters is named by a UUID, and
/// rules with equal type and parameters share it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    /// `trigger:PACK:NAME:HASH` of the parameters.
    pub uid: String,
    /// `pack.name`.
    #[serde(rename = "ref")]
    pub trigger_ref: Reference,
    /// Its name in the pack.
    pub name: String,
    /// Its pack.
    pub pack: String,
    /// The reference of its type.
    #[serde(rename = "type")]
    pub type_ref: String,
    /// What the type is asked for.
    #[serde(default)]
    pub parameters: Object,
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its id.
    pub id: TriggerId,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TriggerInstance {
    /// Its id.
    pub id: TriggerInstanceId,
    /// The reference of the trigger it belongs to.
    pub trigger: String,
    /// The reference of that trigger's type.
    pub trigger_type: String,
    /// What happened.
    pub payload: serde_json::Value,
    /// When it was taken in.
    pub occurrence_time: DateTime<Utc>,
    /// Where it stands.
    pub status: TriggerInstanceStatus,
    /// Why it stands there: how many rules were looked at and fired, or what failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_reason: Option<String>,
    /// The trace it starts or belongs to.
    pub trace: TraceContext,
    /// The execution whose end or doing caused it, for the engine's own triggers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caused_by: Option<crate::ExecutionId>,
}

/// The trigger types that the engine itself brings, with st2's refs and schemas: timers, webhook, the generic
/// action, notify and inquiry triggers, key-value triggers, sensor-process triggers. Each is
/// `{name, pack, description, payload_schema, parameters_schema}`.
///
/// # Panics
///
/// Never: the file is part of the build, and a test reads it.
#[must_use]
pub fn internal_trigger_types() -> Vec<InternalTriggerType> {
    serde_json::from_str(include_str!("../data/trigger_types.json"))
        .expect("data/trigger_types.json is checked by a test")
}

/// A trigger type that the engine brings, before it has an id.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternalTriggerType {
    /// Its pack, always `core`.
    pub pack: String,
    /// Its name in the pack.
    pub name: String,
    /// One line about it.
    pub description: String,
    /// What an event of this kind carries.
    #[serde(default)]
    pub payload_schema: Object,
    /// What a rule may ask of this kind.
    #[serde(default)]
    pub parameters_schema: Object,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger_type(name: &str) -> InternalTriggerType {
        internal_trigger_types()
            .into_iter()
            .find(|kind| kind.name == name)
            .unwrap()
    }

    #[test]
    fn the_internal_trigger_types_are_those_that_st2_registers() {
        let mut refs: Vec<String> = internal_trigger_types()
            .into_iter()
            .map(|kind| format!("{}.{}", kind.pack, kind.name))
            .collect();
        refs.sort();

        let expected = [
            "core.st2.CronTimer",
            "core.st2.DateTimer",
            "core.st2.IntervalTimer",
            "core.st2.action.file_written",
            "core.st2.generic.actiontrigger",
            "core.st2.generic.inquiry",
            "core.st2.generic.notifytrigger",
            "core.st2.key_value_pair.create",
            "core.st2.key_value_pair.delete",
            "core.st2.key_value_pair.update",
            "core.st2.key_value_pair.value_change",
            "core.st2.sensor.process_exit",
            "core.st2.sensor.process_spawn",
            "core.st2.webhook",
        ];
        assert_eq!(refs, expected);
    }

    #[test]
    fn only_timers_and_webhooks_take_parameters() {
        for kind in internal_trigger_types() {
            let takes_parameters = kind.name == "st2.webhook" || kind.name.ends_with("Timer");
            assert_eq!(
                !kind.parameters_schema.is_empty(),
                takes_parameters,
                "{}",
                kind.name
            );
        }
    }

    #[test]
    fn cron_fields_may_be_numbers_or_expressions() {
        let cron = trigger_type("st2.CronTimer");
        let fields = cron.parameters_schema["properties"].as_object().unwrap();

        for field in [
            "year",
            "month",
            "day",
            "week",
            "day_of_week",
            "hour",
            "minute",
            "second",
        ] {
            let types = serde_json::json!([{"type": "string"}, {"type": "integer"}]);
            assert_eq!(fields[field]["anyOf"], types, "{field}");
        }
    }
}
