//! Identifiers: 24 hexadecimal digits, as StackStorm's clients and packs see them.
//!
//! An id starts with the second and the fraction of a second at which it was made, so ids of one kind sort by
//! time: listings page by id, and the big tables are partitioned by it.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Twelve bytes: 4 of Unix seconds, 2 of 1/65536 seconds, 3 that tell the process, 3 of a counter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId([u8; 12]);

/// A text that is not 24 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an id: 24 hexadecimal digits are expected")]
pub struct InvalidId(pub String);

impl ObjectId {
    /// The smallest id that can be made at `time`: the boundary of partitions and of time filters.
    #[must_use]
    pub fn floor(time: DateTime<Utc>) -> Self {
        let mut bytes = [0; 12];
        bytes[..6].copy_from_slice(&Self::time_prefix(time));
        Self(bytes)
    }

    /// When the id was made, to 1/65536 of a second.
    #[must_use]
    pub fn time(self) -> DateTime<Utc> {
        let mut seconds = [0; 4];
        seconds.copy_from_slice(&self.0[..4]);
        let mut fraction = [0; 2];
        fraction.copy_from_slice(&self.0[4..6]);
        let nanos = u64::from(u16::from_be_bytes(fraction)) * 1_000_000_000 / 65_536;
        DateTime::from_timestamp(
            i64::from(u32::from_be_bytes(seconds)),
            u32::try_from(nanos).unwrap_or(0),
        )
        .unwrap_or(DateTime::UNIX_EPOCH)
    }

    fn time_prefix(time: DateTime<Utc>) -> [u8; 6] {
        let seconds = u32::try_from(time.timestamp()).unwrap_or(0).to_be_bytes();
        let nanos = u64::from(time.timestamp_subsec_nanos().min(999_999_999));
        let fraction = u16::try_from(nanos * 65_536 / 1_000_000_000)
            .unwrap_or(u16::MAX)
            .to_be_bytes();
        [
            seconds[0],
            seconds[1],
            seconds[2],
            seconds[3],
            fraction[0],
            fraction[1],
        ]
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for ObjectId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.to_owned());
        if text.len() != 24 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(invalid());
        }
        let mut bytes = [0; 12];
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| invalid())?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| invalid())?;
        }
        Ok(Self(bytes))
    }
}

/// Makes ids that no other process and no other call makes.
#[derive(Debug)]
pub struct IdSource {
    process: [u8; 3],
    counter: AtomicU32,
}

impl IdSource {
    /// A source whose process part and first count are drawn at random.
    #[must_use]
    pub fn new() -> Self {
        Self {
            process: rand::random(),
            counter: AtomicU32::new(rand::random()),
        }
    }

    /// A fresh id of the kind that is asked for, made at `now`.
    pub fn next<I: From<ObjectId>>(&self, now: DateTime<Utc>) -> I {
        let count = self.counter.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let mut bytes = [0; 12];
        bytes[..6].copy_from_slice(&ObjectId::time_prefix(now));
        bytes[6..9].copy_from_slice(&self.process);
        bytes[9..].copy_from_slice(&count[1..]);
        ObjectId(bytes).into()
    }
}

impl Default for IdSource {
    fn default() -> Self {
        Self::new()
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(ObjectId);

        impl $name {
            /// The bare id, without its kind.
            #[must_use]
            pub fn object_id(self) -> ObjectId { self.0 }
        }
        impl From<ObjectId> for $name {
            fn from(id: ObjectId) -> Self { Self(id) }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
        impl FromStr for $name {
            type Err = InvalidId;
            fn from_str(text: &str) -> Result<Self, InvalidId> { text.parse().map(Self) }
        }
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> { serializer.collect_str(self) }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A pack.
    PackId;
    /// An action.
    ActionId;
    /// A runner type.
    RunnerTypeId;
    /// A trigger type.
    TriggerTypeId;
    /// A trigger: a trigger type with parameters.
    TriggerId;
    /// One thing that happened.
    TriggerInstanceId;
    /// A rule.
    RuleId;
    /// The record that a rule fired, or could not.
    EnforcementId;
    /// One run of an action.
    ExecutionId;
    /// A workflow under way, as its tasks know it.
    WorkflowExecutionId;
    /// A run of a workflow's task.
    TaskExecutionId;
    /// A sensor's registration.
    SensorId;
    /// An action alias.
    AliasId;
    /// A policy.
    PolicyId;
    /// A policy type.
    PolicyTypeId;
    /// A pack's configuration or its schema.
    ConfigId;
    /// A datastore item.
    KeyId;
    /// A trace.
    TraceId;
    /// An entry of the audit log.
    AuditId;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn sorts_by_the_time_it_was_made_at() {
        let ids = IdSource::new();

        let early: ExecutionId = ids.next(at("2026-01-01T00:00:00.100Z"));
        let late: ExecutionId = ids.next(at("2026-01-01T00:00:00.101Z"));

        assert!(early < late);
        assert!(early.to_string() < late.to_string());
        assert!(ObjectId::floor(at("2026-01-01T00:00:00.100Z")) <= early.object_id());
    }

    #[test]
    fn tells_when_it_was_made() {
        let id: ExecutionId = IdSource::new().next(at("2026-01-01T12:34:56.500Z"));

        assert_eq!(id.object_id().time(), at("2026-01-01T12:34:56.500Z"));
    }

    #[test]
    fn reads_what_it_prints_and_refuses_the_rest() {
        let id: RuleId = IdSource::new().next(at("2026-01-01T00:00:00Z"));

        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("xyz".parse::<RuleId>(), Err(InvalidId("xyz".into())));
        assert!("g00000000000000000000000".parse::<RuleId>().is_err());
        assert!("+1+1+1+1+1+1+1+1+1+1+1+1".parse::<RuleId>().is_err());
    }
}
