//! The form in which things are answered, where it is not the one they are stored in.

use chrono::{DateTime, Utc};

mod config;
mod enforcement;
mod execution;
mod key;
mod origin;
mod rule;
mod secret;
mod trace;
mod trigger_instance;

pub(crate) use config::config;
pub(crate) use enforcement::enforcement;
pub(crate) use execution::{
    ATTRIBUTES as EXECUTION_ATTRIBUTES, execution, executions, live_action,
};
pub(crate) use key::key;
pub(crate) use rule::RuleViews;
pub(crate) use secret::may_show_secrets;
pub(crate) use trace::trace;
pub(crate) use trigger_instance::{explained_trigger_instance, trigger_instance};

/// A time as StackStorm writes it: always six digits of a second, always UTC.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
