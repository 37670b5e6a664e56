//! What processes agree on through the database: named leases, and timers that fire once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use model::{TriggerId, TriggerInstance};

use crate::decode::{micros, time};
use crate::event::insert_trigger_instances;
use crate::sql::{Sql, args};
use crate::tx::Tx;
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
        let sql = Sql::new(
            "insert into leases (name, holder, until_us) values (?, ?, ?) \
             on conflict (name) do update set holder = excluded.holder, until_us = excluded.until_us \
             where leases.holder = excluded.holder or leases.until_us <= ? returning name",
            args![name, holder, micros(until), micros(now)],
        );
        let rows: Vec<(String,)> = self.write_rows(sql).await?;
        Ok(if rows.is_empty() {
            LeaseOutcome::Taken
        } else {
            LeaseOutcome::Held
        })
    }

    /// As [`Store::take_lease`], of many leases at once; returns the names of those that are held now.
    pub async fn take_leases(
        &self,
        names: &[String],
        holder: &str,
        now: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<String>, StoreError> {
        let mut tx = self.write().await?;
        let outcome = take_all(&mut tx, names, holder, now, until).await;
        tx.end(outcome).await
    }

    /// The leases in force at `now` whose names begin with `prefix`, sorted by name: names and holders.
    pub async fn leases(
        &self,
        prefix: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let sql = Sql::new(
            "select name, holder from leases where substr(name, 1, cast(? as integer)) = ? and until_us > ? order by name",
            args![length(prefix), prefix, micros(now)],
        );
        self.all_rows(sql).await
    }

    /// Drops the leases that ran out before `before` and whose names begin with `prefix`: of holders that come back
    /// under another name.
    pub async fn drop_old_leases(
        &self,
        prefix: &str,
        before: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "delete from leases where substr(name, 1, cast(? as integer)) = ? and until_us < ? returning name",
            args![length(prefix), prefix, micros(before)],
        );
        self.write_rows::<(String,)>(sql).await.map(|_| ())
    }

    /// Gives a lease back, if `holder` has it.
    pub async fn release_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        let sql = Sql::new(
            "delete from leases where name = ? and holder = ? returning name",
            args![name, holder],
        );
        self.write_rows::<(String,)>(sql).await.map(|_| ())
    }

    /// From when on a timer counts: when it last fired, or where it never did when it was first seen (see
    /// [`Store::start_timer`]); `None` for a timer that is unknown.
    pub async fn timer_last_fired(
        &self,
        trigger: TriggerId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let sql = Sql::new(
            "select coalesce(fired_us, started_us) from timers where trigger_id = ?",
            args![trigger.to_string()],
        );
        let row: Option<(Option<i64>,)> = self.first_row(sql).await?;
        Ok(row.and_then(|(at,)| at).map(time))
    }

    /// Records that a timer fired for `scheduled` and stores its trigger instance, in one transaction, unless it
    /// fired for that time or a later one already. True for the one caller that won.
    pub async fn fire_timer(
        &self,
        trigger: TriggerId,
        scheduled: DateTime<Utc>,
        instance: &TriggerInstance,
    ) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let outcome = fire(&mut tx, trigger, scheduled, instance).await;
        tx.end(outcome).await
    }

    /// Remembers from when on a timer counts (its first sight), unless it is known already.
    pub async fn start_timer(
        &self,
        trigger: TriggerId,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "insert into timers (trigger_id, started_us) values (?, ?) \
             on conflict (trigger_id) do nothing returning trigger_id",
            args![trigger.to_string(), micros(at)],
        );
        self.write_rows::<(String,)>(sql).await.map(|_| ())
    }
}

/// In characters, as databases count.
fn length(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

async fn take_all(
    tx: &mut Tx,
    names: &[String],
    holder: &str,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<String>, StoreError> {
    // One order for all, so that two processes never wait for each other in a circle.
    let names: BTreeSet<&String> = names.iter().collect();
    let rows = names
        .into_iter()
        .map(|name| args![name, holder, micros(until)])
        .collect();
    let mut held = Vec::new();
    for batch in tx.batches(rows) {
        let sql = Sql::new(
            "insert into leases (name, holder, until_us) select * from ? where true \
             on conflict (name) do update set holder = excluded.holder, until_us = excluded.until_us \
             where leases.holder = excluded.holder or leases.until_us <= ? returning name",
            args![batch, micros(now)],
        );
        let rows: Vec<(String,)> = tx.all(sql).await?;
        held.extend(rows.into_iter().map(|(name,)| name));
    }
    Ok(held)
}

async fn fire(
    tx: &mut Tx,
    trigger: TriggerId,
    scheduled: DateTime<Utc>,
    instance: &TriggerInstance,
) -> Result<bool, StoreError> {
    let sql = Sql::new(
        "insert into timers (trigger_id, fired_us) values (?, ?) \
         on conflict (trigger_id) do update set fired_us = excluded.fired_us \
         where timers.fired_us is null or timers.fired_us < excluded.fired_us returning trigger_id",
        args![trigger.to_string(), micros(scheduled)],
    );
    let won: Option<(String,)> = tx.first(sql).await?;
    if won.is_some() {
        insert_trigger_instances(tx, std::slice::from_ref(instance)).await?;
    }
    Ok(won.is_some())
}
