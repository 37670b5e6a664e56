//! Gates as rows, and how many places are taken at them.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::{COUNTS, WAITS, forget};
use crate::StoreError;
use crate::decode::micros;
use crate::sql::{Sql, args};
use crate::tx::Tx;

/// A gate that an execution waits at, or is to pass.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct GateRow {
    execution_id: String,
    pub(super) policy: String,
    pub(super) gate_key: String,
    pub(super) threshold: i64,
    when_full: String,
    place: i64,
    ready_us: Option<i64>,
}

impl GateRow {
    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.ready_us.is_none_or(|ready| ready <= micros(now))
    }

    /// Whether it is full, and lets nobody wait.
    pub(super) fn refuses(&self, places: &Places) -> bool {
        self.is_full(places) && self.when_full == "cancel"
    }

    /// Whether it is full, and lets others wait.
    pub(super) fn holds_up(&self, places: &Places) -> bool {
        self.is_full(places) && self.when_full != "cancel"
    }

    fn is_full(&self, places: &Places) -> bool {
        self.place == WAITS && places.taken(&self.gate_key) >= self.threshold
    }
}

/// All gates of these executions, oldest execution first.
pub(super) async fn gates_of(
    tx: &mut Tx,
    ids: Vec<String>,
) -> Result<BTreeMap<String, Vec<GateRow>>, StoreError> {
    let sql = Sql::new(
        "select execution_id, policy, gate_key, threshold, when_full, place, ready_us from execution_gates \
         where execution_id in ? order by execution_id, policy",
        args![ids],
    );
    let rows: Vec<GateRow> = tx.all(sql).await?;
    let mut gates: BTreeMap<String, Vec<GateRow>> = BTreeMap::new();
    for gate in rows {
        gates
            .entry(gate.execution_id.clone())
            .or_default()
            .push(gate);
    }
    Ok(gates)
}

/// How many places are taken under each key that was counted.
#[derive(Debug, Default)]
pub(super) struct Places {
    taken: HashMap<String, i64>,
}

impl Places {
    /// Places taken under a key.
    pub(super) fn taken(&self, key: &str) -> i64 {
        self.taken.get(key).copied().unwrap_or(0)
    }

    /// Counts under these keys; gates of executions that have ended are removed on the way.
    pub(super) async fn count(&mut self, tx: &mut Tx, keys: &[String]) -> Result<(), StoreError> {
        let sql = Sql::new(
            "select gate_key, execution_id from execution_gates where gate_key in ? and place = 1",
            args![keys.to_vec()],
        );
        let holders: Vec<(String, String)> = tx.all(sql).await?;
        self.taken.extend(keys.iter().map(|key| (key.clone(), 0)));
        if holders.is_empty() {
            return Ok(());
        }
        let ids: HashSet<&String> = holders.iter().map(|(_, id)| id).collect();
        let ids: Vec<String> = ids.into_iter().cloned().collect();
        let sql = Sql::new(
            "select id, status from executions where id in ? and open = 1",
            args![ids.clone()],
        );
        let open: Vec<(String, String)> = tx.all(sql).await?;
        let open: HashMap<String, String> = open.into_iter().collect();
        for (key, id) in holders {
            let is_counted = open
                .get(&id)
                .is_some_and(|status| !["paused", "pending"].contains(&&**status));
            if is_counted {
                *self.taken.entry(key).or_default() += 1;
            }
        }
        let ended = ids.into_iter().filter(|id| !open.contains_key(id));
        forget(tx, ended.collect()).await
    }

    /// Counts under those keys of gates that were not counted yet.
    pub(super) async fn count_new(
        &mut self,
        tx: &mut Tx,
        gates: impl Iterator<Item = &GateRow>,
    ) -> Result<(), StoreError> {
        let new: HashSet<&String> = gates
            .map(|gate| &gate.gate_key)
            .filter(|key| !self.taken.contains_key(*key))
            .collect();
        let new: Vec<String> = new.into_iter().cloned().collect();
        if new.is_empty() {
            return Ok(());
        }
        self.count(tx, &new).await
    }

    /// An execution takes its places.
    pub(super) fn take(&mut self, gates: &[GateRow]) {
        self.change(gates, COUNTS);
    }

    /// It leaves them.
    pub(super) fn leave(&mut self, gates: &[GateRow]) {
        self.change(gates, -COUNTS);
    }

    fn change(&mut self, gates: &[GateRow], by: i64) {
        for gate in gates.iter().filter(|gate| gate.place == WAITS) {
            *self.taken.entry(gate.gate_key.clone()).or_default() += by;
        }
    }
}
