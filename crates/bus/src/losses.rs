//! Counts messages that were given up, and says so now and then.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// At most one warning in this time.
const INTERVAL: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
pub(crate) struct Losses {
    count: Mutex<Count>,
}

#[derive(Debug, Default)]
struct Count {
    total: u64,
    unsaid: u64,
    said: Option<Instant>,
}

impl Losses {
    /// Counts messages that were given up for `reason`.
    pub(crate) fn add(&self, messages: u64, reason: &str) {
        if messages == 0 {
            return;
        }
        let mut count = self.lock();
        count.total += messages;
        count.unsaid += messages;
        if count.said.is_some_and(|said| said.elapsed() < INTERVAL) {
            return;
        }
        count.said = Some(Instant::now());
        let unsaid = std::mem::take(&mut count.unsaid);
        tracing::warn!("{reason}: {unsaid} messages were left to the store's sweeps");
    }

    /// How many were given up so far.
    pub(crate) fn total(&self) -> u64 {
        self.lock().total
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Count> {
        self.count
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
