//! Sensors, as registered.

use chrono::{DateTime, Utc};
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

/// What a sensor's process is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorState {
    /// Its pack's virtualenv is looked for, and built where there is none for what the pack wants.
    Building,
    /// Its process begins, up to the end of `setup`.
    Starting,
    /// It watches.
    Running,
    /// It has failed, and is started again after a while.
    Failed,
    /// It has ended by itself, without an error. It is not started again by itself.
    Ended,
    /// It was told to end: it is switched off, or its engine has ended.
    Stopped,
}

impl SensorState {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Building,
        Self::Starting,
        Self::Running,
        Self::Failed,
        Self::Ended,
        Self::Stopped,
    ];

    /// As it is written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Failed => "failed",
            Self::Ended => "ended",
            Self::Stopped => "stopped",
        }
    }
}

/// Where a sensor runs, and what has become of it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SensorStatus {
    /// `pack.Class`; `pack.Class@NAME` of one of several instances.
    pub sensor_ref: String,
    /// The process that runs it: the holder of its lease.
    pub holder: String,
    /// That process' machine.
    pub hostname: String,
    /// The sensor's own process, while it has one.
    pub pid: Option<u32>,
    /// What it is about.
    pub state: SensorState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Dispatches that were stored, since the holder took it on.
    pub dispatches: u64,
    /// Dispatches that were refused.
    pub rejected: u64,
    /// How often it was started again after a failure.
    pub restarts: u64,
    /// When a dispatch was stored last.
    pub last_dispatch: Option<DateTime<Utc>>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When that was.
    pub last_error_at: Option<DateTime<Utc>>,
}

impl SensorStatus {
    /// The name of the lease that a sensor's one live copy has.
    #[must_use]
    pub fn lease(sensor_ref: &str) -> String {
        format!("sensor:{sensor_ref}")
    }

    /// What one of several instances of a sensor is known by.
    #[must_use]
    pub fn of_instance(sensor_ref: &str, instance: &str) -> String {
        format!("{sensor_ref}@{instance}")
    }
}
