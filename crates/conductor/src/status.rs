//! Statuses of workflows, tasks and items, and the groups they form (Orquesta's `statuses.py`).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A status of a workflow, a task or an item.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Nothing has happened yet: Orquesta's `null`.
    #[default]
    #[serde(rename = "null")]
    Unset,
    /// Asked for.
    Requested,
    /// About to run.
    Scheduled,
    /// Waits for its time.
    Delayed,
    /// Under way.
    Running,
    /// Runs again, after a pause.
    Resuming,
    /// Waits for somebody's answer.
    Pending,
    /// Pauses when what is under way has ended.
    Pausing,
    /// Paused.
    Paused,
    /// To be tried again.
    Retrying,
    /// Is canceled when what is under way has ended.
    Canceling,
    /// Ended: canceled.
    Canceled,
    /// Ended well.
    Succeeded,
    /// Ended badly.
    Failed,
    /// Ended: it took too long.
    Timeout,
    /// Ended: given up.
    Abandoned,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 16] = [
        Self::Unset,
        Self::Requested,
        Self::Scheduled,
        Self::Delayed,
        Self::Running,
        Self::Resuming,
        Self::Pending,
        Self::Pausing,
        Self::Paused,
        Self::Retrying,
        Self::Canceling,
        Self::Canceled,
        Self::Succeeded,
        Self::Failed,
        Self::Timeout,
        Self::Abandoned,
    ];

    /// The status of a name, as it is stored and shown.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "null",
            Self::Requested => "requested",
            Self::Scheduled => "scheduled",
            Self::Delayed => "delayed",
            Self::Running => "running",
            Self::Resuming => "resuming",
            Self::Pending => "pending",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Retrying => "retrying",
            Self::Canceling => "canceling",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Abandoned => "abandoned",
        }
    }

    /// Its place in [`Status::ALL`].
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    /// Something goes on.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(
            self,
            Self::Requested
                | Self::Scheduled
                | Self::Delayed
                | Self::Running
                | Self::Resuming
                | Self::Pausing
                | Self::Canceling
        )
    }

    /// A workflow in it offers tasks.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(
            self,
            Self::Requested
                | Self::Scheduled
                | Self::Delayed
                | Self::Running
                | Self::Resuming
                | Self::Retrying
        )
    }

    /// A report of it begins something.
    #[must_use]
    pub fn is_starting(self) -> bool {
        matches!(
            self,
            Self::Requested | Self::Scheduled | Self::Delayed | Self::Running | Self::Pending
        )
    }

    /// It has ended, well or not.
    #[must_use]
    pub fn is_completed(self) -> bool {
        self == Self::Succeeded || self == Self::Canceled || self.is_abended()
    }

    /// It has ended badly.
    #[must_use]
    pub fn is_abended(self) -> bool {
        matches!(self, Self::Failed | Self::Timeout | Self::Abandoned)
    }

    /// Paused, or about to be.
    #[must_use]
    pub fn is_pause(self) -> bool {
        matches!(self, Self::Pausing | Self::Paused)
    }

    /// Canceled, or about to be.
    #[must_use]
    pub fn is_cancel(self) -> bool {
        matches!(self, Self::Canceling | Self::Canceled)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
