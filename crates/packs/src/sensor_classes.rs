//! Instances, in a pack's configuration, of sensors that the pack does not have.

use model::{Object, Sensor, SensorInstance};

use crate::FileWarning;
use crate::source::Source;
use crate::suggestion::did_you_mean;

/// The classes that `sensor_instances` of a configuration names and no sensor of the pack has, each with what to say of
/// it. `sensors` are the `class_name`s of those that there are; `attributes` are those of the pack's configuration schema.
#[must_use]
pub fn unknown_sensor_classes(
    values: &Object,
    attributes: Option<&Object>,
    sensors: &[&str],
) -> Vec<(String, String)> {
    // What cannot be read is refused, and says why.
    let named = SensorInstance::of_config(values, attributes).unwrap_or_default();
    let unknown = named
        .into_keys()
        .filter(|class| !sensors.contains(&class.as_str()));
    unknown
        .map(|class| {
            let meant = did_you_mean(&class, sensors.iter().copied());
            let key = SensorInstance::KEY;
            let message = format!(
                "`{key}.{class}` runs nothing: no sensor of the pack has the `class_name` \"{class}\"{meant}"
            );
            (class, message)
        })
        .collect()
}

/// The same of a file, each where the class stands.
pub(crate) fn warnings(
    source: &Source,
    values: &Object,
    attributes: Option<&Object>,
    sensors: &[Sensor],
) -> Vec<FileWarning> {
    let classes: Vec<&str> = sensors.iter().map(|sensor| sensor.name.as_str()).collect();
    let unknown = unknown_sensor_classes(values, attributes, &classes).into_iter();
    unknown
        .map(|(class, message)| source.warning_at_key(&[SensorInstance::KEY, &class], message))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn said(values: &Value, attributes: Option<&Value>) -> Vec<String> {
        let attributes = attributes.and_then(Value::as_object);
        let values = values.as_object().unwrap();
        let unknown = unknown_sensor_classes(values, attributes, &["Watch", "Poll"]);
        unknown.into_iter().map(|(_, message)| message).collect()
    }

    #[test]
    fn says_which_class_no_sensor_has() {
        let values =
            json!({"sensor_instances": {"Wach": [{"name": "a"}], "Poll": [], "Other": []}});

        assert_eq!(
            said(&values, None),
            [
                "`sensor_instances.Other` runs nothing: no sensor of the pack has the `class_name` \"Other\"",
                "`sensor_instances.Wach` runs nothing: no sensor of the pack has the `class_name` \"Wach\" (did you mean \
                 \"Watch\"?)",
            ]
        );
    }

    #[test]
    fn what_means_something_else_is_left_alone() {
        let attributes = json!({"sensor_instances": {"type": "object"}});

        assert!(
            said(
                &json!({"sensor_instances": {"Wach": []}}),
                Some(&attributes)
            )
            .is_empty()
        );
        assert!(said(&json!({"sensor_instances": 7}), None).is_empty());
        assert!(said(&json!({}), None).is_empty());
    }
}
