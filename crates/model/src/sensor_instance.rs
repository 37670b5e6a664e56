//! Several copies of one sensor, each with a configuration of its own: what a pack's configuration says of them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use crate::Object;

/// What an instance must look like.
const FORM: &str = "must be a mapping with `name`, and perhaps `config` (a mapping) and `poll_interval` (whole \
                    seconds); it may have nothing else";

/// One of several copies of a sensor.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SensorInstance {
    /// What tells it from the others: letters, digits, `_` and `-`.
    pub name: String,
    /// What lies over the pack's configuration.
    #[serde(default)]
    pub config: Object,
    /// Seconds between polls, where they are not the sensor's.
    #[serde(default)]
    pub poll_interval: Option<i64>,
}

/// Why what a configuration says of instances makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InstanceError {
    /// Where in the configuration: keys, and numbers of list items.
    pub path: Vec<String>,
    /// What is wrong there.
    pub message: String,
}

impl SensorInstance {
    /// The key of a pack's configuration that has, for the `class_name` of a sensor, a list of instances.
    pub const KEY: &'static str = "sensor_instances";

    /// Seconds below which nothing is polled, as for sensors themselves.
    const LEAST_POLL_INTERVAL: i64 = 4;

    /// The instances that a pack's configuration asks for, by class. A pack whose own schema has the key means
    /// something else by it.
    pub fn of_config(
        values: &Object,
        attributes: Option<&Object>,
    ) -> Result<BTreeMap<String, Vec<Self>>, InstanceError> {
        if attributes.is_some_and(|attributes| attributes.contains_key(Self::KEY)) {
            return Ok(BTreeMap::new());
        }
        match values.get(Self::KEY) {
            None | Some(Value::Null) => Ok(BTreeMap::new()),
            Some(Value::Object(classes)) => classes
                .iter()
                .map(|(class, list)| Ok((class.clone(), Self::list(class, list)?)))
                .collect(),
            Some(_) => Err(error(
                &[Self::KEY],
                "must map class names of sensors to lists of instances",
            )),
        }
    }

    fn list(class: &str, list: &Value) -> Result<Vec<Self>, InstanceError> {
        let Value::Array(items) = list else {
            let words = "must be a list of instances, each with `name` and `config`";
            return Err(error(&[Self::KEY, class], words));
        };
        let mut names = BTreeSet::new();
        let mut instances = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let at = at.to_string();
            let wrong = |words: &str| error(&[Self::KEY, class, &at], words);
            // What the parser says would show values, which may be secret.
            let instance = Self::deserialize(item).map_err(|_| wrong(FORM))?;
            let is_plain = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == '-';
            if instance.name.is_empty() || !instance.name.chars().all(is_plain) {
                return Err(wrong("`name` must consist of letters, digits, `_` and `-`"));
            }
            if !names.insert(instance.name.clone()) {
                let words = format!("there are two instances of the name `{}`", instance.name);
                return Err(wrong(&words));
            }
            if instance
                .poll_interval
                .is_some_and(|seconds| seconds < Self::LEAST_POLL_INTERVAL)
            {
                return Err(wrong("`poll_interval` must be at least 4 seconds"));
            }
            instances.push(instance);
        }
        Ok(instances)
    }

    /// A configuration with this instance's laid over it, without what is said of instances.
    #[must_use]
    pub fn lay_over(&self, values: &Object) -> Object {
        let mut whole = values.clone();
        whole.remove(Self::KEY);
        merge(&mut whole, &self.config);
        whole
    }
}

fn merge(values: &mut Object, over: &Object) {
    for (name, value) in over {
        match (values.get_mut(name), value) {
            (Some(Value::Object(below)), Value::Object(above)) => merge(below, above),
            _ => {
                values.insert(name.clone(), value.clone());
            }
        }
    }
}

fn error(path: &[&str], message: &str) -> InstanceError {
    InstanceError {
        path: path.iter().map(|step| (*step).to_owned()).collect(),
        message: message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(instances: &Value) -> Object {
        let values = json!({ "url": "http://a", "login": {"user": "root", "key": "a"}, "sensor_instances": instances });
        values.as_object().unwrap().clone()
    }

    #[test]
    fn each_instance_lies_over_the_packs_configuration() {
        let values = values(&json!({"Watch": [
            {"name": "eu", "config": {"login": {"key": "b"}}},
            {"name": "us-2", "poll_interval": 60},
        ]}));

        let instances = SensorInstance::of_config(&values, None).unwrap();

        let watch = &instances["Watch"];
        let expected = json!({"url": "http://a", "login": {"user": "root", "key": "b"}});
        assert_eq!(Value::Object(watch[0].lay_over(&values)), expected);
        assert_eq!(
            (watch[1].name.as_str(), watch[1].poll_interval),
            ("us-2", Some(60))
        );
    }

    #[test]
    fn says_what_makes_no_sense_and_where() {
        let said = |instances: Value| {
            let error = SensorInstance::of_config(&values(&instances), None).unwrap_err();
            format!("{}: {error}", error.path.join("."))
        };

        assert_eq!(
            said(json!([])),
            "sensor_instances: must map class names of sensors to lists of instances"
        );
        assert_eq!(
            said(json!({"Watch": {}})),
            "sensor_instances.Watch: must be a list of instances, each with `name` and `config`"
        );
        assert_eq!(
            said(json!({"Watch": [{"name": "a"}, {"name": "a b"}]})),
            "sensor_instances.Watch.1: `name` must consist of letters, digits, `_` and `-`"
        );
        assert_eq!(
            said(json!({"Watch": [{"name": "a"}, {"name": "a"}]})),
            "sensor_instances.Watch.1: there are two instances of the name `a`"
        );
        assert_eq!(
            said(json!({"Watch": [{"name": "a", "poll_interval": 1}]})),
            "sensor_instances.Watch.0: `poll_interval` must be at least 4 seconds"
        );
        for unfit in [
            json!({"name": "a", "configs": {}}),
            json!({"name": "a", "config": "sesame"}),
        ] {
            let expected = format!("sensor_instances.Watch.0: {FORM}");
            assert_eq!(said(json!({"Watch": [unfit]})), expected);
        }
    }

    #[test]
    fn a_pack_that_has_the_key_itself_means_something_else() {
        let attributes = json!({"sensor_instances": {"type": "array"}});

        let instances = SensorInstance::of_config(&values(&json!([1])), attributes.as_object());

        assert!(instances.unwrap().is_empty());
    }
}
