//! Admission: executions that policies limit wait at their gates until it is their turn.
//!
//! A gate is a row of `execution_gates` for as long as its execution has not ended. Whoever admits holds one lock, so
//! that two schedulers never count the same places twice; an execution is admitted by a write that names the state it
//! expects, so that one that was cancelled meanwhile stays so.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionStatus, Lease, WhenFull};
use serde_json::json;

use crate::decode::{micros, to_json};
use crate::execution_row::{ExecutionRow, columns, log_piece};
use crate::sql::{Arg, Sql, args};
use crate::tx::{Dialect, Tx};
use crate::{Store, StoreError};

mod ancestors;
mod places;

use places::{Gate, Places, gates_of};

/// Table and columns that gates are added to.
pub(crate) const GATES: &str = "execution_gates (execution_id, policy, gate_key, threshold, when_full, place, seen, \
                                ready_us, parent_id)";

/// Where an execution stands at a gate: it waits, it counts, it is to pass uncounted, it has passed so.
const WAITS: i64 = 0;
const COUNTS: i64 = 1;
const TO_PASS: i64 = 2;

/// Waiting executions that are looked at together for each key.
const TOGETHER: i64 = 64;

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

struct Round<'a> {
    keys: Vec<String>,
    lease: &'a Lease,
    now: DateTime<Utc>,
    limit: u32,
}

/// What becomes of an execution whose turn it may be.
enum Verdict {
    Admit,
    Refuse(Gate),
    Wait,
}

impl Round<'_> {
    async fn run(mut self, tx: &mut Tx) -> Result<Admission, StoreError> {
        alone(tx).await?;
        self.keys.sort_unstable();
        self.keys.dedup();
        let mut admission = Admission::default();
        let mut places = Places::default();
        places.count(tx, &self.keys).await?;
        ancestors::let_pass(tx, &self.keys).await?;
        while self.admit_next(tx, &mut places, &mut admission).await? {}
        self.receive(tx, &mut places, &mut admission).await?;
        admission.admitted.sort_by_key(|execution| execution.id);
        Ok(admission)
    }

    /// Looks at those whose turn it may be; whether any of them left the line, so that it may be the turn of others.
    async fn admit_next(
        &self,
        tx: &mut Tx,
        places: &mut Places,
        admission: &mut Admission,
    ) -> Result<bool, StoreError> {
        let candidates = self.candidates(tx, places).await?;
        if candidates.is_empty() {
            return Ok(false);
        }
        let gates = gates_of(tx, candidates.into_iter().collect()).await?;
        places.count_new(tx, gates.values().flatten()).await?;
        let (mut admitted, mut refused) = (Vec::new(), Vec::new());
        for (id, gates) in &gates {
            match verdict(gates, places) {
                Verdict::Admit => {
                    places.take(gates);
                    admitted.push(id.clone());
                }
                Verdict::Refuse(gate) => refused.push((id.clone(), gate)),
                Verdict::Wait => {}
            }
        }
        let is_moving = !admitted.is_empty() || !refused.is_empty();
        let won = self.let_in(tx, &admitted).await?;
        for id in admitted.iter().filter(|id| !won.contains_key(*id)) {
            places.leave(&gates[id]);
        }
        admission.admitted.extend(won.into_values());
        admission.refused.extend(self.refuse(tx, refused).await?);
        Ok(is_moving)
    }

    /// Executions whose turn it is by one of their gates: the first under each key, as many as there are places; and
    /// those that pass all of their gates.
    async fn candidates(
        &self,
        tx: &mut Tx,
        places: &Places,
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut first: Vec<(String, String, i64)> = Vec::new();
        match tx.dialect() {
            Dialect::Postgres => {
                let row = |key: &String| args![key, places.taken(key)];
                let rows: Vec<Vec<Arg>> = self.keys.iter().map(row).collect();
                let line = line("v.column1", "v.column2");
                let text = format!(
                    "select v.column1, w.execution_id, w.threshold from ? cross join lateral ({line}) as w"
                );
                first.extend(
                    tx.all::<(String, String, i64)>(Sql::new(
                        text,
                        args![rows, micros(self.now), TOGETHER],
                    ))
                    .await?,
                );
            }
            Dialect::Sqlite => {
                for key in &self.keys {
                    let values = args![key, places.taken(key), micros(self.now), TOGETHER];
                    let rows: Vec<(String, i64)> = tx.all(Sql::new(line("?", "?"), values)).await?;
                    first.extend(
                        rows.into_iter()
                            .map(|(id, threshold)| (key.clone(), id, threshold)),
                    );
                }
            }
        }
        let mut candidates: BTreeSet<String> = self.passing(tx).await?.into_iter().collect();
        let mut next: HashMap<String, i64> = HashMap::new();
        for (key, id, threshold) in first {
            let taken = next
                .entry(key.clone())
                .or_insert_with(|| places.taken(&key));
            if *taken < threshold {
                *taken += 1;
                candidates.insert(id);
            }
        }
        Ok(candidates)
    }

    async fn passing(&self, tx: &mut Tx) -> Result<Vec<String>, StoreError> {
        let sql = Sql::new(
            "select distinct g.execution_id from execution_gates g where g.gate_key in ? and g.place = 2 \
             and (g.ready_us is null or g.ready_us <= ?) and not exists \
             (select 1 from execution_gates o where o.execution_id = g.execution_id and o.place = 0)",
            args![self.keys.clone(), micros(self.now)],
        );
        let rows: Vec<(String,)> = tx.all(sql).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Lets these run, save for those that have ended meanwhile; those that were let in, by id.
    async fn let_in(
        &self,
        tx: &mut Tx,
        ids: &[String],
    ) -> Result<HashMap<String, Execution>, StoreError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let text = format!(
            "update executions set admitted = 1, status = 'scheduled', log = log || ?, \
             ready_us = case when delay_ms is null then ? else ready_us end \
             where id in ? and open = 1 and admitted = 0 and status in ('requested', 'delayed') returning {}",
            columns(true)
        );
        let piece = log_piece(ExecutionStatus::Scheduled, self.now);
        let values = args![piece, micros(self.now), ids.to_vec()];
        let won = by_id(tx.all(Sql::new(text, values)).await?)?;
        let (winners, gone): (Vec<String>, Vec<String>) =
            ids.iter().cloned().partition(|id| won.contains_key(id));
        forget(tx, gone).await?;
        let sql = Sql::new(
            "update execution_gates set place = place + 1, seen = 1 where execution_id in ?",
            args![winners],
        );
        tx.run(sql).await?;
        Ok(won)
    }

    /// Begins to cancel these; those that had not ended.
    async fn refuse(
        &self,
        tx: &mut Tx,
        refused: Vec<(String, Gate)>,
    ) -> Result<Vec<Execution>, StoreError> {
        let mut begun = Vec::with_capacity(refused.len());
        let ids: Vec<String> = refused.iter().map(|(id, _)| id.clone()).collect();
        let rows = refused.iter().map(|(id, gate)| {
            let result = to_json(&gate.refusal());
            let size = i64::try_from(result.len()).unwrap_or(i64::MAX);
            args![id, result, size]
        });
        for batch in tx.batches(rows.collect()) {
            let text = format!(
                "update executions set status = 'canceling', log = log || ?, lease_holder = ?, lease_us = ?, \
                 result = v.column2, result_size = v.column3 from ? \
                 where executions.id = v.column1 and open = 1 and admitted = 0 \
                 and status in ('requested', 'delayed') returning {}",
                columns(true)
            );
            let values = args![
                log_piece(ExecutionStatus::Canceling, self.now),
                &self.lease.holder,
                micros(self.lease.expires_at),
                batch,
            ];
            begun.extend(by_id(tx.all(Sql::new(text, values)).await?)?.into_values());
        }
        forget(tx, ids).await?;
        begun.sort_by_key(|execution| execution.id);
        Ok(begun)
    }

    /// Looks at the new ones that were not admitted: they wait from now on, or are refused.
    async fn receive(
        &self,
        tx: &mut Tx,
        places: &mut Places,
        admission: &mut Admission,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "select distinct execution_id from execution_gates where gate_key in ? and seen = 0 \
             order by execution_id limit ?",
            args![self.keys.clone(), i64::from(self.limit)],
        );
        let rows: Vec<(String,)> = tx.all(sql).await?;
        if rows.is_empty() {
            return Ok(());
        }
        admission.is_partial = rows.len() >= self.limit as usize;
        let gates = gates_of(tx, rows.into_iter().map(|(id,)| id).collect()).await?;
        places.count_new(tx, gates.values().flatten()).await?;
        let (mut waiting, mut refused) = (Vec::new(), Vec::new());
        for (id, gates) in gates {
            let is_due = gates.iter().all(|gate| gate.is_due(self.now));
            let full = gates
                .into_iter()
                .find(|gate| is_due && gate.refuses(places));
            match full {
                Some(gate) => refused.push((id, gate)),
                None => waiting.push(id),
            }
        }
        admission.refused.extend(self.refuse(tx, refused).await?);
        admission.delayed = self.let_wait(tx, waiting).await?;
        Ok(())
    }

    async fn let_wait(&self, tx: &mut Tx, ids: Vec<String>) -> Result<Vec<Execution>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = Sql::new(
            "update execution_gates set seen = 1 where execution_id in ?",
            args![ids.clone()],
        );
        tx.run(sql).await?;
        let text = format!(
            "update executions set status = 'delayed', log = log || ? \
             where id in ? and open = 1 and admitted = 0 and status = 'requested' returning {}",
            columns(true)
        );
        let values = args![log_piece(ExecutionStatus::Delayed, self.now), ids];
        let mut delayed: Vec<Execution> = by_id(tx.all(Sql::new(text, values)).await?)?
            .into_values()
            .collect();
        delayed.sort_by_key(|execution| execution.id);
        Ok(delayed)
    }
}

fn verdict(gates: &[Gate], places: &Places) -> Verdict {
    if gates.iter().any(|gate| gate.holds_up(places)) {
        return Verdict::Wait;
    }
    match gates.iter().find(|gate| gate.refuses(places)) {
        Some(gate) => Verdict::Refuse(gate.clone()),
        None => Verdict::Admit,
    }
}

/// The line under one key: those that wait, are due and find no other gate full, oldest first. (Marks: the key and the
/// places taken unless they are given, the time, and how many.)
fn line(key: &str, taken: &str) -> String {
    format!(
        "select l.execution_id, l.threshold from execution_gates l \
         where l.gate_key = {key} and l.place = 0 and l.threshold > {taken} \
         and (l.ready_us is null or l.ready_us <= ?) and not exists \
         (select 1 from execution_gates o where o.execution_id = l.execution_id and o.gate_key <> l.gate_key \
         and o.place = 0 and o.when_full = 'delay' and o.threshold <= \
         (select count(*) from execution_gates h join executions e on e.id = h.execution_id \
         where h.gate_key = o.gate_key and h.place = 1 and e.open = 1 and e.status not in ('paused', 'pending'))) \
         order by l.execution_id limit ?"
    )
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

fn by_id(rows: Vec<ExecutionRow>) -> Result<HashMap<String, Execution>, StoreError> {
    rows.into_iter()
        .map(|row| Ok((row.id.clone(), row.into_execution()?)))
        .collect()
}

impl Gate {
    /// What an execution ends with that this gate refuses.
    fn refusal(&self) -> serde_json::Value {
        let Self {
            policy, threshold, ..
        } = self;
        let message = format!(
            "Action canceled by policy \"{policy}\": it lets {threshold} run at a time, and no place was free."
        );
        json!({ "message": message, "policy": policy })
    }
}
