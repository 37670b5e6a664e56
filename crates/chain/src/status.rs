//! Statuses of chains and of the executions that carry out their tasks, by StackStorm's words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A status of a chain or of a task's execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Asked for.
    Requested,
    /// About to run.
    Scheduled,
    /// Waits for its time.
    Delayed,
    /// Under way.
    Running,
    /// Pauses when what is under way has ended.
    Pausing,
    /// Paused.
    Paused,
    /// Runs again, after a pause.
    Resuming,
    /// Waits for somebody's answer.
    Pending,
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

/// A word that is no status.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no status")]
pub struct UnknownStatus(String);

impl Status {
    /// Every status.
    pub const ALL: [Self; 14] = [
        Self::Requested,
        Self::Scheduled,
        Self::Delayed,
        Self::Running,
        Self::Pausing,
        Self::Paused,
        Self::Resuming,
        Self::Pending,
        Self::Canceling,
        Self::Canceled,
        Self::Succeeded,
        Self::Failed,
        Self::Timeout,
        Self::Abandoned,
    ];

    /// StackStorm's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Scheduled => "scheduled",
            Self::Delayed => "delayed",
            Self::Running => "running",
            Self::Pausing => "pausing",
            Self::Paused => "paused",
            Self::Resuming => "resuming",
            Self::Pending => "pending",
            Self::Canceling => "canceling",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Timeout => "timeout",
            Self::Abandoned => "abandoned",
        }
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Canceled | Self::Succeeded | Self::Failed | Self::Timeout | Self::Abandoned => {
                true
            }
            Self::Requested
            | Self::Scheduled
            | Self::Delayed
            | Self::Running
            | Self::Pausing
            | Self::Paused
            | Self::Resuming
            | Self::Pending
            | Self::Canceling => false,
        }
    }

    /// Whether it waits for a person: paused, or pending.
    #[must_use]
    pub fn is_at_rest(self) -> bool {
        matches!(self, Self::Paused | Self::Pending)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(word: &str) -> Result<Self, UnknownStatus> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == word)
            .ok_or_else(|| UnknownStatus(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_are_written() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(serde_json::json!(status), status.as_str());
        }
        let error = "done".parse::<Status>().unwrap_err();
        assert_eq!(error.to_string(), "\"done\" is no status");
    }
}
