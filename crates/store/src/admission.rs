//! Admission: executions that policies limit wait at their gates until it is their turn.
//!
//! A gate is a row of `execution_gates` for as long as its execution has not ended. Whoever admits holds one lock, so
//! that two schedulers never count the same places twice; an execution is admitted by a write that names the state it
//! expects, so that one that was cancelled meanwhile stays so.

use chrono::{DateTime, Utc};
use model::{Execution, Lease, WhenFull};

use crate::decode::micros;
use crate::sql::{Arg, Sql, args};
use crate::tx::{Dialect, Tx};
use crate::{Store, StoreError};

mod ancestors;
mod places;
mod round;

use round::Round;

/// Table and columns that gates are added to.
pub(crate) const GATES: &str = "execution_gates (execution_id, policy, gate_key, threshold, when_full, place, seen, \
                                ready_us, parent_id)";

/// Where an execution stands at a gate: it waits, it counts, it is to pass uncounted, it has passed so.
const WAITS: i64 = 0;
const COUNTS: i64 = 1;
const TO_PASS: i64 = 2;

/// What admission has changed.
#[derive(Debug, Default)]
pub struct Admission {
    /// May run now: `scheduled`, in the order of their requests.
    pub admitted: Vec<Execution>,
    /// Were looked at for the first time and wait, for a place or for their delay: `delayed`.
    pub delayed: Vec<Execution>,
    /// Found a gate full that lets nobody wait: `canceling`, with the result that they are to end with, held by whoever
    /// admitted until it has ended them.
    pub refused: Vec<Execution>,
    /// More were requested under these keys than were looked at: ask again.
    pub is_partial: bool,
}

/// A policy's limit as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateLimit {
    /// The policy (`pack.name`).
    pub policy: String,
    /// See [`model::Gate::threshold`].
    pub threshold: u32,
    /// See [`model::Gate::when_full`].
    pub when_full: WhenFull,
}

/// The rows of an execution's gates.
pub(crate) fn gate_args(execution: &Execution) -> impl Iterator<Item = Vec<Arg>> + '_ {
    let start = micros(execution.start_timestamp);
    let delay = execution.delay_ms.map(|delay| {
        let delay = i64::try_from(delay).unwrap_or(i64::MAX / 1000);
        start.saturating_add(delay.saturating_mul(1000))
    });
    let parent = execution.context.parent;
    execution.gates.iter().map(move |gate| {
        args![
            execution.id.to_string(),
            &gate.policy,
            &gate.key,
            i64::from(gate.threshold),
            gate.when_full.as_str(),
            WAITS,
            0_i64,
            delay,
            parent.map(|id| id.to_string()),
        ]
    })
}

impl Store {
    /// Admits what may run of the executions that wait under `keys`, in the order of their requests: an execution is
    /// admitted once its delay is over and each of its gates has a place. One transaction; safe however many do it.
    ///
    /// A place is held by each execution that was admitted and has not ended, unless it is `paused` or `pending`. An
    /// execution passes, and does not count, where one that it was asked for by (its parent, and so on) was admitted
    /// under the same key: a workflow never waits for itself.
    ///
    /// `lease` is what those refused are held by until the caller has ended them.
    pub async fn admit(
        &self,
        keys: &[String],
        lease: &Lease,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Admission, StoreError> {
        if keys.is_empty() {
            return Ok(Admission::default());
        }
        let mut tx = self.write().await?;
        let round = Round {
            keys: keys.to_vec(),
            lease,
            now,
            limit,
        };
        let outcome = round.run(&mut tx).await;
        tx.end(outcome).await
    }

    /// Keys under which somebody waits: what a sweep admits.
    pub async fn waiting_keys(&self, limit: u32) -> Result<Vec<String>, StoreError> {
        let sql = Sql::new(
            "select distinct gate_key from execution_gates where place in (0, 2) order by gate_key limit ?",
            args![i64::from(limit)],
        );
        let rows: Vec<(String,)> = self.all_rows(sql).await?;
        Ok(rows.into_iter().map(|(key,)| key).collect())
    }

    /// Puts limits in force as they are now for those who wait already; gates of policies that are not among them
    /// limit nobody any more.
    pub async fn revise_gates(&self, limits: &[GateLimit]) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let outcome = revise(&mut tx, limits).await;
        tx.end(outcome).await
    }

    /// Removes gates of executions that have ended or are gone; how many.
    pub async fn remove_closed_gates(&self) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let sql = Sql::new(
            "delete from execution_gates where not exists \
             (select 1 from executions where id = execution_id and open = 1)",
            vec![],
        );
        let outcome = tx.run(sql).await;
        tx.end(outcome).await
    }
}

/// Whoever admits or revises does it alone. (SQLite has one writer anyway.)
async fn alone(tx: &mut Tx) -> Result<(), StoreError> {
    if tx.dialect() == Dialect::Postgres {
        tx.run(Sql::new("select pg_advisory_xact_lock(7310589043)", vec![]))
            .await?;
    }
    Ok(())
}

async fn revise(tx: &mut Tx, limits: &[GateLimit]) -> Result<(), StoreError> {
    alone(tx).await?;
    let row = |limit: &GateLimit| {
        args![
            &limit.policy,
            i64::from(limit.threshold),
            limit.when_full.as_str()
        ]
    };
    for batch in tx.batches(limits.iter().map(row).collect()) {
        let sql = Sql::new(
            "update execution_gates set threshold = v.column2, when_full = v.column3 from ? \
             where policy = v.column1 and place = 0 and (threshold <> v.column2 or when_full <> v.column3)",
            args![batch],
        );
        tx.run(sql).await?;
    }
    let names: Vec<String> = limits.iter().map(|limit| limit.policy.clone()).collect();
    let sql = Sql::new(
        "update execution_gates set place = 2 where place = 0 and not (policy in ?)",
        args![names],
    );
    tx.run(sql).await?;
    Ok(())
}

/// Removes the gates of executions that need none any more.
async fn forget(tx: &mut Tx, ids: Vec<String>) -> Result<(), StoreError> {
    if ids.is_empty() {
        return Ok(());
    }
    let sql = Sql::new(
        "delete from execution_gates where execution_id in ?",
        args![ids],
    );
    tx.run(sql).await?;
    Ok(())
}
