//! Sensors: `sensors/NAME.yaml`, and the trigger types that they state.

use std::path::Path;

use model::{Reference, Sensor, TriggerType};
use serde_json::Value;

use super::trigger::trigger_type;
use super::{Origin, check_pack};
use crate::Complaint;
use crate::complaint::shown;

/// Seconds below which `StackStorm` refuses to poll.
const LEAST_POLL_INTERVAL: f64 = 4.0;

/// Checks a sensor and makes it, with its trigger types. Unknown keys pass, in it and in its trigger types. `folder`
/// is the pack's.
pub fn sensor(
    document: &Value,
    origin: &Origin<'_>,
    folder: &Path,
) -> Result<(Sensor, Vec<TriggerType>), Complaint> {
    if !document.is_object() {
        let words = format!("this file must hold a mapping, not {}", shown(document));
        return Err(Complaint::value::<&str>(&[], words));
    }
    check_pack(document, origin.pack)?;
    let entry_point = needed_text(document, "entry_point", "the Python file")?;
    let class_name = needed_text(document, "class_name", "the class in it")?;
    let description = match document.get("description") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => {
            let words = format!("\"description\" must be text, not {}", shown(other));
            return Err(Complaint::value(&["description"], words));
        }
    };
    let poll_interval = poll_interval(document)?;
    let trigger_types = trigger_types(document, origin)?;
    let file = folder.join("sensors").join(&entry_point);
    let sensor = Sensor {
        description,
        uid: format!("sensor_type:{}:{class_name}", origin.pack),
        metadata_file: origin.metadata_file.to_owned(),
        sensor_ref: Reference::new(origin.pack, &class_name),
        pack: origin.pack.to_owned(),
        artifact_uri: format!("file://{}", file.display()),
        entry_point: class_path(origin.pack, &entry_point, &class_name),
        name: class_name,
        trigger_types: trigger_types
            .iter()
            .map(|one| one.type_ref.to_string())
            .collect(),
        poll_interval,
        enabled: is_enabled(document),
        id: origin.id(),
    };
    Ok((sensor, trigger_types))
}

fn needed_text(document: &Value, key: &str, what: &str) -> Result<String, Complaint> {
    match document.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        None | Some(Value::Null) => Err(Complaint::key::<&str>(
            &[],
            format!("\"{key}\" is missing; name {what}"),
        )),
        Some(other) => Err(Complaint::value(
            &[key],
            format!("\"{key}\" must name {what}, not {}", shown(other)),
        )),
    }
}

/// `sensors.poll.Poller`; sensors of `core` come with the engine and have the class alone.
fn class_path(pack: &str, entry_point: &str, class_name: &str) -> String {
    if pack == "core" {
        return class_name.to_owned();
    }
    let module = entry_point.replace('/', ".").replace(".py", "");
    format!("sensors.{module}.{class_name}")
}

/// `StackStorm` does not check the type and takes any value for what Python thinks of it.
fn is_enabled(document: &Value) -> bool {
    match document.get("enabled") {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_f64() != Some(0.0),
        Some(Value::String(text)) => !text.is_empty(),
        None | Some(_) => true,
    }
}

fn poll_interval(document: &Value) -> Result<Option<i64>, Complaint> {
    let value = match document.get("poll_interval") {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
        Some(value) => value,
    };
    let wrong = |words: &str| {
        let words = format!("\"poll_interval\" must be {words}, not {}", shown(value));
        Err(Complaint::value(&["poll_interval"], words))
    };
    match value.as_f64() {
        None => wrong("a number of seconds"),
        Some(seconds) if seconds != 0.0 && seconds < LEAST_POLL_INTERVAL => {
            wrong("at least 4 seconds")
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole seconds are meant, as in st2"
        )]
        Some(seconds) => Ok(Some(seconds as i64)),
    }
}

fn trigger_types(document: &Value, origin: &Origin<'_>) -> Result<Vec<TriggerType>, Complaint> {
    let stated = match document.get("trigger_types") {
        None => return Ok(Vec::new()),
        Some(Value::Object(none)) if none.is_empty() => return Ok(Vec::new()),
        Some(Value::String(none)) if none.is_empty() => return Ok(Vec::new()),
        Some(Value::Array(stated)) => stated,
        Some(Value::Null) => {
            let words = "\"trigger_types\" is empty; give a list or leave it out";
            return Err(Complaint::value(&["trigger_types"], words));
        }
        Some(other) => {
            let words = format!("\"trigger_types\" must be a list, not {}", shown(other));
            return Err(Complaint::value(&["trigger_types"], words));
        }
    };
    let one = |(index, one): (usize, &Value)| {
        let index = index.to_string();
        // Whatever pack a type states, it belongs to its sensor's.
        let mut one = one.clone();
        if let Some(members) = one.as_object_mut() {
            members.remove("pack");
        }
        trigger_type(&one, origin).map_err(|complaint| complaint.below(&["trigger_types", &index]))
    };
    stated.iter().enumerate().map(one).collect()
}
