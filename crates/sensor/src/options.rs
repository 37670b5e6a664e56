//! Settings of the sensors role.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::time::Duration;

use python_worker::{Pythons, inherited_environment};

use crate::Partition;

/// How timers and sensors are kept.
#[derive(Debug, Clone)]
pub struct SensorOptions {
    /// Look again after this long even when no timer is due and nothing is known to have changed.
    pub patience: Duration,
    /// Pause after the store failed, before it is asked again.
    pub retry: Duration,
    /// Where interpreters, virtualenvs and the worker are.
    pub pythons: Pythons,
    /// The environment that sensors start with.
    pub environment: BTreeMap<OsString, OsString>,
    /// The API as sensors reach it (`ST2_ACTION_API_URL`), such as `http://127.0.0.1:9101/v1`.
    pub api_url: Option<String>,
    /// Which sensors this process may run.
    pub partition: Partition,
    /// How long a sensor stays ours without its lease being renewed.
    pub lease: Duration,
    /// How often leases are renewed, changes looked for, and statuses stored.
    pub renew_every: Duration,
    /// Pause before a sensor that failed is started again; doubled for each failure that follows at once.
    pub first_pause: Duration,
    /// The longest such pause.
    pub longest_pause: Duration,
    /// A sensor that ran so long had started well (st2's `SENSOR_SUCCESSFUL_START_THRESHOLD`).
    pub steady_after: Duration,
    /// So many sensors may be between the start of their process and their `run` at the same time, and so many
    /// virtualenvs be looked for or built.
    pub starts_at_once: usize,
    /// One that has not come so far after this long does not keep others waiting.
    pub start_turn: Duration,
    /// How long `run` may take to end before `cleanup` is called beside it; as long again until SIGTERM.
    pub stop_grace: Duration,
}

impl Default for SensorOptions {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(5),
            retry: Duration::from_secs(1),
            pythons: Pythons::default(),
            environment: inherited_environment(std::env::vars_os()),
            api_url: None,
            partition: Partition::default(),
            lease: Duration::from_secs(6),
            renew_every: Duration::from_secs(1),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_mins(5),
            steady_after: Duration::from_secs(10),
            starts_at_once: std::thread::available_parallelism().map_or(2, |cores| cores.get() * 2),
            start_turn: Duration::from_secs(10),
            stop_grace: Duration::from_secs(3),
        }
    }
}
