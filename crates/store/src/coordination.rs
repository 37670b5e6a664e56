//! What processes agree on through the database: named leases, and timers that fire once.

use chrono::{DateTime, Utc};
use model::{TriggerId, TriggerInstance};

use crate::{Store, StoreError};

/// What came of asking for a named lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// The asker holds it until the time it asked for.
    Held,
    /// Somebody else does.
    Taken,
}

impl Store {
    /// Takes or renews the lease `name` for `holder` until `until`, if it is free, expired or the holder's already.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<LeaseOutcome, StoreError> {
        unimplemented!("{name} {holder} {now} {until}")
    }

    /// Gives a lease back, if `holder` has it.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        unimplemented!("{name} {holder}")
    }

    /// When this timer last fired; `None` where it never did.
    pub async fn timer_last_fired(&self, trigger: TriggerId) -> Result<Option<DateTime<Utc>>, StoreError> {
        unimplemented!("{trigger}")
    }

    /// Records that a timer fired for `scheduled` and stores its trigger instance, in one transaction, unless it
    /// fired for that time or a later one already. True for the one caller that won.
    pub async fn fire_timer(
        &self,
        trigger: TriggerId,
        scheduled: DateTime<Utc>,
        instance: &TriggerInstance,
    ) -> Result<bool, StoreError> {
        unimplemented!("{trigger} {scheduled} {instance:?}")
    }

    /// Remembers from when on a timer counts (its first sight), unless it is known already.
    pub async fn start_timer(&self, trigger: TriggerId, at: DateTime<Utc>) -> Result<(), StoreError> {
        unimplemented!("{trigger} {at}")
    }
}
