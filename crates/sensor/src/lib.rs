//! Keeps timers alive and turns their firings into trigger instances.
//!
//! Every process with this role watches every timer; the store lets exactly one of them fire it for a given time. So
//! there is no leader to lose, and a process that dies costs nothing.

mod cron;
mod options;
mod schedule;
mod service;
mod timers;

pub use cron::{CronError, CronFields};
pub use options::SensorOptions;
pub use schedule::{Schedule, ScheduleError};
pub use service::Sensors;
