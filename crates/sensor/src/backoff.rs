//! How long a sensor that failed waits before it is started again.

use std::time::Duration;

use crate::SensorOptions;

/// Longer after each failure that follows at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    first: Duration,
    longest: Duration,
    steady_after: Duration,
    failures: u32,
}

impl Backoff {
    pub(crate) fn new(options: &SensorOptions) -> Self {
        Self {
            first: options.first_pause,
            longest: options.longest_pause,
            steady_after: options.steady_after,
            failures: 0,
        }
    }

    /// The pause after a failure of one that ran so long.
    pub(crate) fn after(&mut self, ran: Duration) -> Duration {
        if ran >= self.steady_after {
            self.failures = 0;
        }
        let pause = self
            .first
            .saturating_mul(2_u32.saturating_pow(self.failures));
        self.failures = self.failures.saturating_add(1);
        pause.min(self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_longer_after_each_failure_at_once() {
        let options = SensorOptions {
            longest_pause: Duration::from_secs(5),
            ..SensorOptions::default()
        };
        let mut backoff = Backoff::new(&options);
        let mut after = |seconds| backoff.after(Duration::from_secs(seconds)).as_secs();

        assert_eq!([after(0), after(9), after(0), after(0)], [1, 2, 4, 5]);
        assert_eq!([after(10), after(0)], [1, 2]);
        for _ in 0..40 {
            after(0);
        }
        assert_eq!(after(0), 5);
    }
}
