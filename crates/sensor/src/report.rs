//! What is known of a sensor that runs here, for those who ask where it runs.

use chrono::{DateTime, Utc};
use lifecycle::Clock;
use model::{SensorState, SensorStatus};
use parking_lot::Mutex;

/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 4000;

/// Kept current by the one that runs the sensor, and read by the one that stores it.
#[derive(Debug)]
pub(crate) struct Report {
    clock: Clock,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    status: SensorStatus,
    is_stored: bool,
}

impl Report {
    pub(crate) fn new(clock: Clock, sensor_ref: &str, holder: &str, hostname: &str) -> Self {
        let status = SensorStatus {
            sensor_ref: sensor_ref.to_owned(),
            holder: holder.to_owned(),
            hostname: hostname.to_owned(),
            pid: None,
            state: SensorState::Starting,
            since: clock.now(),
            dispatches: 0,
            rejected: 0,
            restarts: 0,
            last_dispatch: None,
            last_error: None,
            last_error_at: None,
        };
        Self {
            clock,
            inner: Mutex::new(Inner {
                status,
                is_stored: false,
            }),
        }
    }

    fn change(&self, change: impl FnOnce(&mut SensorStatus, DateTime<Utc>)) {
        let mut inner = self.inner.lock();
        change(&mut inner.status, self.clock.now());
        inner.is_stored = false;
    }

    /// Its pack's virtualenv is looked for.
    pub(crate) fn builds(&self) {
        self.change(|status, now| (status.state, status.since) = (SensorState::Building, now));
    }

    /// Its process has this id now.
    pub(crate) fn started(&self, pid: Option<u32>) {
        self.change(|status, now| {
            status.pid = pid;
            (status.state, status.since) = (SensorState::Starting, now);
        });
    }

    /// `setup` is over.
    pub(crate) fn running(&self) {
        self.change(|status, now| (status.state, status.since) = (SensorState::Running, now));
    }

    /// It has no process any more.
    pub(crate) fn ended(&self, state: SensorState) {
        self.change(|status, now| {
            status.pid = None;
            (status.state, status.since) = (state, now);
        });
    }

    /// It is started again.
    pub(crate) fn restarts(&self) {
        self.change(|status, _| status.restarts += 1);
    }

    pub(crate) fn dispatched(&self) {
        self.change(|status, now| {
            status.dispatches += 1;
            status.last_dispatch = Some(now);
        });
    }

    pub(crate) fn rejected(&self, error: &str) {
        self.change(|status, _| status.rejected += 1);
        self.failed(error);
    }

    /// Something went wrong.
    pub(crate) fn failed(&self, error: &str) {
        self.change(|status, now| {
            status.last_error = Some(error.chars().take(LONGEST_ERROR).collect());
            status.last_error_at = Some(now);
        });
    }

    /// What is to be stored: `None` where nothing has changed since.
    pub(crate) fn take_changed(&self) -> Option<SensorStatus> {
        let mut inner = self.inner.lock();
        (!std::mem::replace(&mut inner.is_stored, true)).then(|| inner.status.clone())
    }

    /// What was taken could not be stored.
    pub(crate) fn put_back(&self) {
        self.inner.lock().is_stored = false;
    }
}
