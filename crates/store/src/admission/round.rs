//! A round of admission: who is next under some keys, and what becomes of those who came.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionStatus, Lease};
use serde_json::json;

use super::places::{GateRow, Places, gates_of};
use super::{Admission, alone, ancestors, forget};
use crate::StoreError;
use crate::decode::{micros, to_json};
use crate::execution_row::{ExecutionRow, columns, log_piece};
use crate::sql::{Arg, Sql, args};
use crate::tx::{Dialect, Tx};

/// Waiting executions that are looked at together for each key.
const TOGETHER: i64 = 64;

/// One transaction of admission.
pub(super) struct Round<'a> {
    pub(super) keys: Vec<String>,
    pub(super) lease: &'a Lease,
    pub(super) now: DateTime<Utc>,
    pub(super) limit: u32,
}

/// What becomes of an execution whose turn it may be.
enum Verdict {
    Admit,
    Refuse(GateRow),
    Wait,
}

impl Round<'_> {
    pub(super) async fn run(mut self, tx: &mut Tx) -> Result<Admission, StoreError> {
        alone(tx).await?;
        self.keys.sort_unstable();
        self.keys.dedup();
        let mut admission = Admission::default();
        let mut places = Places::default();
        places.count(tx, &self.keys).await?;
        let children = ancestors::let_pass(tx, &self.keys).await?;
        while self.admit_next(tx, &mut places, &mut admission).await? {}
        self.receive(tx, children, &mut places, &mut admission)
            .await?;
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
        refused: Vec<(String, GateRow)>,
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

    /// Looks at the new ones that were not admitted: they wait from now on, or are refused. Of those with a parent only
    /// `children`: nobody has asked yet whether one may pass that has come since.
    async fn receive(
        &self,
        tx: &mut Tx,
        children: Vec<String>,
        places: &mut Places,
        admission: &mut Admission,
    ) -> Result<(), StoreError> {
        let sql = Sql::new(
            "select distinct execution_id from execution_gates where gate_key in ? and seen = 0 \
             and (parent_id is null or execution_id in ?) order by execution_id limit ?",
            args![self.keys.clone(), children, i64::from(self.limit)],
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

fn verdict(gates: &[GateRow], places: &Places) -> Verdict {
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

fn by_id(rows: Vec<ExecutionRow>) -> Result<HashMap<String, Execution>, StoreError> {
    rows.into_iter()
        .map(|row| Ok((row.id.clone(), row.into_execution()?)))
        .collect()
}

impl GateRow {
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
