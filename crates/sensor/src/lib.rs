//! Keeps sensors and timers alive and turns what they say into trigger instances.
//!
//! Every process with this role watches every timer; the store lets exactly one of them fire it for a given time. So
//! there is no leader to lose, and a process that dies costs nothing. A sensor runs in a process of its own, and has one
//! live copy in a cluster: whoever holds its lease runs it, and stores nothing of what it says once the lease ran out.
//! Processes that may run every sensor share them evenly.

mod backoff;
mod balance;
mod calls;
mod conversation;
mod cron;
mod installation;
mod keeper;
mod masking;
mod options;
mod partition;
mod process;
mod report;
mod roster;
mod schedule;
mod service;
mod timers;
mod triggers;
mod wanted;
mod workshop;

pub use cron::{CronError, CronFields};
pub use options::SensorOptions;
pub use partition::{HashRanges, Partition, RangeError};
pub use schedule::{Schedule, ScheduleError};
pub use service::{SensorResources, Sensors};
