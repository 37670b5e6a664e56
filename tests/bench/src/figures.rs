//! How figures are written: hundredths are enough.

use std::time::Duration;

/// Rounded to hundredths.
pub(crate) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Milliseconds.
pub(crate) fn ms(time: Duration) -> f64 {
    round(time.as_secs_f64() * 1000.0)
}

/// How often the other time fits into this one.
pub(crate) fn ratio(time: Duration, other: Duration) -> f64 {
    round(time.as_secs_f64() / other.as_secs_f64())
}
