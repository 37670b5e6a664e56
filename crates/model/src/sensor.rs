//! Sensors, as registered.

use serde::{Deserialize, Serialize};

use crate::{Reference, SensorId};

/// A registered sensor. The serde form is StackStorm's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensor {
    /// One line about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `sensor_type:PACK:CLASS`.
    pub uid: String,
    /// Where its metadata lies, relative to the pack.
    #[serde(default)]
    pub metadata_file: String,
    /// The Python class, which is its name.
    pub name: String,
    /// `pack.Class`.
    #[serde(rename = "ref")]
    pub sensor_ref: Reference,
    /// Its pack.
    pub pack: String,
    /// `file://` and the path of the module.
    pub artifact_uri: String,
    /// Module path and class, such as `sensors.poll.Poller`.
    pub entry_point: String,
    /// References of the trigger types it emits.
    #[serde(default)]
    pub trigger_types: Vec<String>,
    /// Seconds between polls; absent for a sensor that blocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_interval: Option<i64>,
    /// Whether it is started.
    pub enabled: bool,
    /// Its id.
    pub id: SensorId,
}
