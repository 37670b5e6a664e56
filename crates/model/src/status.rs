//! The states things pass through. The spelling on the wire is StackStorm's and lives here alone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A text that names no state of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a status of {1}")]
pub struct UnknownStatus(pub String, pub &'static str);

macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident($of:literal) { $($(#[$vdoc:meta])* $variant:ident = $wire:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every state, in the order they are usually passed.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The spelling on the wire and in the store.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire,)* }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.pad(self.as_str()) }
        }
        impl FromStr for $name {
            type Err = UnknownStatus;
            fn from_str(text: &str) -> Result<Self, UnknownStatus> {
                match text { $($wire => Ok(Self::$variant),)* _ => Err(UnknownStatus(text.to_owned(), $of)) }
            }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> { serializer.serialize_str(self.as_str()) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

statuses! {
    /// Where an execution stands.
    ExecutionStatus("an execution") {
        /// Stored, not yet looked at.
        Requested = "requested",
        /// Waits for its delay or for a policy.
        Delayed = "delayed",
        /// May run; no runner has taken it.
        Scheduled = "scheduled",
        /// A runner holds its lease.
        Running = "running",
        /// Ended well.
        Succeeded = "succeeded",
        /// Ended badly.
        Failed = "failed",
        /// Ran out of time.
        TimedOut = "timeout",
        /// Its runner was lost.
        Abandoned = "abandoned",
        /// Somebody asked to cancel it; it has not ended yet.
        Canceling = "canceling",
        /// Ended because somebody asked.
        Canceled = "canceled",
        /// Somebody asked to pause it.
        Pausing = "pausing",
        /// Waits for somebody to resume it.
        Paused = "paused",
        /// Goes on after a pause.
        Resuming = "resuming",
        /// Waits for an answer (an inquiry).
        Pending = "pending",
    }
}

impl ExecutionStatus {
    /// Nothing follows this state.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Succeeded | Self::Failed | Self::TimedOut | Self::Abandoned | Self::Canceled => {
                true
            }
            Self::Requested
            | Self::Delayed
            | Self::Scheduled
            | Self::Running
            | Self::Canceling
            | Self::Pausing
            | Self::Paused
            | Self::Resuming
            | Self::Pending => false,
        }
    }

    /// Whether a change from `self` to `next` exists.
    #[must_use]
    pub fn can_become(self, next: Self) -> bool {
        use ExecutionStatus as S;
        match self {
            S::Requested | S::Delayed => !matches!(next, S::Requested | S::Pausing | S::Resuming),
            S::Scheduled => !matches!(next, S::Requested | S::Delayed | S::Resuming),
            S::Running | S::Resuming => !matches!(next, S::Delayed | S::Scheduled),
            S::Canceling => next.is_final(),
            S::Pausing => next.is_final() || matches!(next, S::Paused | S::Canceling),
            S::Paused => matches!(next, S::Resuming | S::Canceling | S::Canceled),
            S::Pending => next.is_final() || matches!(next, S::Canceling | S::Running),
            S::Succeeded | S::Failed | S::TimedOut | S::Abandoned | S::Canceled => false,
        }
    }
}

statuses! {
    /// Where a trigger instance stands.
    TriggerInstanceStatus("a trigger instance") {
        /// Stored, no rules engine has taken it.
        Pending = "pending",
        /// A rules engine works on it. (Written by StackStorm; here the whole step is one transaction.)
        Processing = "processing",
        /// Every rule of its trigger was looked at.
        Processed = "processed",
        /// It could not be processed; the reason stands beside it.
        ProcessingFailed = "processing_failed",
    }
}

statuses! {
    /// What came of a rule that matched.
    EnforcementStatus("an enforcement") {
        /// The execution was requested.
        Succeeded = "succeeded",
        /// It could not be requested; the reason stands beside it.
        Failed = "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_spelling_it_writes() {
        for status in ExecutionStatus::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
        }
        assert_eq!(
            "ran".parse::<ExecutionStatus>().unwrap_err().to_string(),
            "`ran` is not a status of an execution"
        );
    }

    #[test]
    fn leaves_a_final_state_for_nothing() {
        for from in ExecutionStatus::ALL
            .iter()
            .filter(|status| status.is_final())
        {
            for to in ExecutionStatus::ALL {
                assert!(!from.can_become(*to), "{from} -> {to}");
            }
        }
    }

    #[test]
    fn lets_every_open_state_end_or_be_canceled() {
        for from in ExecutionStatus::ALL
            .iter()
            .filter(|status| !status.is_final())
        {
            assert!(from.can_become(ExecutionStatus::Canceled), "{from}");
        }
    }
}
