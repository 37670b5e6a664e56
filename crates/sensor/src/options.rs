//! Settings of the sensors role.

use std::time::Duration;

/// How timers are watched.
#[derive(Debug, Clone)]
pub struct SensorOptions {
    /// Look again after this long even when no timer is due and nothing is known to have changed.
    pub patience: Duration,
    /// Pause after the store failed, before timers are tried again.
    pub retry: Duration,
}

impl Default for SensorOptions {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(5),
            retry: Duration::from_secs(1),
        }
    }
}
