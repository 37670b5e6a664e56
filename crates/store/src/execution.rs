//! Executions: requested, claimed, leased, finished.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionId, ExecutionStatus, Lease, RunnerInfo, TriggerInstance};
use serde_json::{Value, json};

use crate::decode::{Place, micros, to_json};
use crate::event::insert_trigger_instances;
use crate::execution_row::{ExecutionRow, columns, insert_executions, log_piece, new_executions};
use crate::result::{StoredResult, fill_results_in};
use crate::sql::{Arg, Sql, args, first_column, span};
use crate::tx::{Dialect, Tx};
use crate::workflow::CONDUCTED;
use crate::{Store, StoreError};

/// How an execution ended.
#[derive(Debug, Clone)]
pub struct FinishedExecution {
    /// Which one.
    pub id: ExecutionId,
    /// Who held it: an end told by anybody else changes nothing.
    pub holder: String,
    /// A final state.
    pub status: ExecutionStatus,
    /// What it ended with, secrets masked or encrypted already. Up to 10 MB as JSON; small ones stay in the row,
    /// others are stored compressed beside it.
    pub result: Value,
    /// When.
    pub at: DateTime<Utc>,
    /// Trigger instances to store with it (action and notify triggers that rules listen to), if the end is stored.
    pub follow_ups: Vec<TriggerInstance>,
    /// The next try, requested with the end, if the end is stored.
    pub retry: Option<Box<Execution>>,
}

/// A change of state that is not an end told by a runner.
#[derive(Debug, Clone)]
pub struct StatusChange {
    /// Which one.
    pub id: ExecutionId,
    /// The states it may be in; in any other nothing is changed.
    pub expected: Vec<ExecutionStatus>,
    /// Its new state.
    pub next: ExecutionStatus,
    /// When. A final state sets the end time.
    pub at: DateTime<Utc>,
    /// The new result, if any.
    pub result: Option<Value>,
    /// Trigger instances to store with it, if the change is made.
    pub follow_ups: Vec<TriggerInstance>,
}

/// What a runner needs to run an execution that it won.
pub type ExecutionOrder = Execution;

/// States that may be claimed once the delay is over; never before every gate has admitted the execution.
pub(crate) const CLAIMABLE: &str = "open = 1 and (status in ('requested', 'scheduled') or (status = 'delayed' and delay_ms is not null)) \
     and (admitted is null or admitted = 1)";

impl Store {
    /// Stores requested executions, in one transaction. Those whose id is stored already are passed over.
    pub async fn request_executions(&self, executions: &[Execution]) -> Result<(), StoreError> {
        if executions.is_empty() {
            return Ok(());
        }
        self.write_together(new_executions(self.dialect(), executions.iter()))
            .await
    }

    /// Wins what can be won of `ids` (state `requested` or `scheduled`, or `delayed` with a delay; no delay left) in
    /// one statement: the winners are `running` under `lease`, with `scheduled` and `running` in their log. Returns
    /// the winners. What has no delay may be claimed at any time: the clock of whoever requested it may be ahead.
    pub async fn claim_executions(
        &self,
        ids: &[ExecutionId],
        lease: &Lease,
        runner: &RunnerInfo,
        now: DateTime<Utc>,
    ) -> Result<Vec<ExecutionId>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let running = log_piece(ExecutionStatus::Running, now);
        let values = args![
            &running,
            log_piece(ExecutionStatus::Scheduled, now) + &running,
            &lease.holder,
            micros(lease.expires_at),
            to_json(runner),
        ];
        let changes = "set status = 'running', log = log || case when status = 'scheduled' then ? else ? end, \
                       lease_holder = ?, lease_us = ?, runner_info = ?";
        let candidates = format!("id in ? and {CLAIMABLE} and (delay_ms is null or ready_us <= ?)");
        let mut sql = match self.dialect() {
            Dialect::Postgres => Sql::new(
                format!(
                    "with free as (select id as free_id from executions where {candidates} for update skip locked) "
                ),
                args![names.clone(), micros(now)],
            ),
            Dialect::Sqlite => Sql::new("", vec![]),
        };
        sql.push(&format!("update executions {changes} "), values);
        match self.dialect() {
            Dialect::Postgres => {
                let (first, last) = span(&names);
                sql.push(
                    "from free where id = free_id and id between ? and ? returning id",
                    args![first, last],
                );
            }
            Dialect::Sqlite => sql.push(
                &format!("where {candidates} returning id"),
                args![names, micros(now)],
            ),
        }
        let rows: Vec<(String,)> = self.write_rows(sql).await?;
        let won: HashSet<String> = rows.into_iter().map(|(id,)| id).collect();
        Ok(ids
            .iter()
            .copied()
            .filter(|id| won.contains(&id.to_string()))
            .collect())
    }

    /// Executions that nobody claimed though they could have been since before `before`, oldest first: what a sweep
    /// announces again. Delayed ones appear once their delay is over. Workflows are left out: see
    /// [`Store::unconducted_workflows`].
    pub async fn unclaimed_executions(
        &self,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Execution>, StoreError> {
        let condition = format!("{CLAIMABLE} and not ({CONDUCTED}) and ready_us < ?");
        self.open_executions(&condition, before, limit).await
    }

    /// Moves the end of `holder`'s leases on these executions; returns those it still holds, with their state (so
    /// that a runner notices `canceling`).
    pub async fn renew_leases(
        &self,
        ids: &[ExecutionId],
        lease: &Lease,
    ) -> Result<Vec<(ExecutionId, ExecutionStatus)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let sql = Sql::new(
            "update executions set lease_us = ? where id in ? and open = 1 and lease_holder = ? returning id, status",
            args![micros(lease.expires_at), names, &lease.holder],
        );
        let rows: Vec<(String, String)> = self.write_rows(sql).await?;
        let held = |(id, status): (String, String)| {
            let place = Place {
                table: "executions",
                row: &id,
            };
            Ok((place.parse("id", &id)?, place.parse("status", &status)?))
        };
        rows.into_iter().map(held).collect()
    }

    /// Executions whose lease ended before `now` and that have not ended. Workflows are left out: somebody else goes
    /// on with them.
    pub async fn expired_leases(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Execution>, StoreError> {
        let condition = format!("open = 1 and not ({CONDUCTED}) and lease_us < ?");
        self.open_executions(&condition, now, limit).await
    }

    async fn open_executions(
        &self,
        condition: &str,
        before: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Execution>, StoreError> {
        let text = format!(
            "select {} from executions where {condition} order by id limit ?",
            columns(true)
        );
        let rows: Vec<ExecutionRow> = self
            .all_rows(Sql::new(text, args![micros(before), i64::from(limit)]))
            .await?;
        rows.into_iter().map(ExecutionRow::into_execution).collect()
    }

    /// Stores ends, batched, one transaction: each must be open and held by its holder. Returns those that were
    /// changed.
    pub async fn finish_executions(
        &self,
        finished: &[FinishedExecution],
    ) -> Result<Vec<ExecutionId>, StoreError> {
        let mut ends: Vec<End<'_>> = Vec::with_capacity(finished.len());
        let mut seen = HashSet::new();
        for end in finished
            .iter()
            .filter(|end| end.status.is_final() && seen.insert(end.id))
        {
            ends.push(End::of(end).await);
        }
        if ends.is_empty() {
            return Ok(Vec::new());
        }
        in_order(&mut ends);
        if ends.iter().all(End::stands_alone) {
            let mut batches = self.dialect().batches(ends.iter().map(end_args).collect());
            if let (Some(batch), true) = (batches.pop(), batches.is_empty()) {
                return self.finish_alone(&ends, batch).await;
            }
        }
        let mut tx = self.write().await?;
        let outcome = finish(&mut tx, ends).await;
        tx.end(outcome).await
    }

    /// Stores ends that nothing follows from and that one statement can carry, which needs no transaction around it.
    async fn finish_alone(
        &self,
        ends: &[End<'_>],
        batch: Vec<Vec<Arg>>,
    ) -> Result<Vec<ExecutionId>, StoreError> {
        let sql = finish_statement(self.dialect(), batch);
        let rows: Vec<(String,)> = self.write_rows(sql).await?;
        let changed: HashSet<String> = rows.into_iter().map(|(id,)| id).collect();
        let ids = ends.iter().map(|end| end.end.id);
        Ok(ids.filter(|id| changed.contains(&id.to_string())).collect())
    }

    /// Changes a state as [`StatusChange`] says; returns the execution as it is now if it was changed, else `None`.
    /// A final state is never left, whatever is expected.
    pub async fn change_status(
        &self,
        change: &StatusChange,
    ) -> Result<Option<Execution>, StoreError> {
        let result = match &change.result {
            Some(result) => Some(StoredResult::of_any_size(result).await),
            None => None,
        };
        let mut tx = self.write().await?;
        let outcome = change_one(&mut tx, change, result).await;
        tx.end(outcome).await
    }

    /// Ends executions whose lease expired, as `abandoned` with `reason` (the result's `error`), unless the lease was
    /// renewed meanwhile or they are workflows. Returns those that were ended.
    pub async fn abandon_expired(
        &self,
        ids: &[ExecutionId],
        now: DateTime<Utc>,
        reason: &str,
    ) -> Result<Vec<Execution>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let result = StoredResult::of(&json!({ "error": reason }));
        let text = format!(
            "update executions set status = 'abandoned', open = 0, end_us = ?, log = log || ?, result = ?, \
             result_size = ?, lease_holder = null, lease_us = null \
             where id in ? and open = 1 and not ({CONDUCTED}) and lease_us < ? returning {}",
            columns(true)
        );
        let values = args![
            micros(now),
            log_piece(ExecutionStatus::Abandoned, now),
            result.inline,
            result.size,
            names,
            micros(now),
        ];
        let rows: Vec<ExecutionRow> = self.write_rows(Sql::new(text, values)).await?;
        let mut ended: Vec<Execution> = rows
            .into_iter()
            .map(ExecutionRow::into_execution)
            .collect::<Result<_, _>>()?;
        ended.sort_by_key(|execution| execution.id);
        Ok(ended)
    }
}

/// An end, and its result as it is stored.
pub(crate) struct End<'a> {
    end: &'a FinishedExecution,
    result: StoredResult,
}

impl<'a> End<'a> {
    pub(crate) async fn of(end: &'a FinishedExecution) -> Self {
        Self {
            end,
            result: StoredResult::of_any_size(&end.result).await,
        }
    }

    /// Whether the row of its execution is all that it changes.
    fn stands_alone(&self) -> bool {
        self.end.follow_ups.is_empty() && self.end.retry.is_none() && self.result.large.is_none()
    }
}

/// One order for all, so that two batches never wait for each other in a circle.
fn in_order(ends: &mut [End<'_>]) {
    ends.sort_by_key(|end| end.end.id);
}

/// Stores ends, each where its holder holds the execution, with all that belongs to them; those that were stored.
pub(crate) async fn finish(
    tx: &mut Tx,
    mut ends: Vec<End<'_>>,
) -> Result<Vec<ExecutionId>, StoreError> {
    in_order(&mut ends);
    let mut changed: HashSet<String> = HashSet::new();
    for batch in tx.batches(ends.iter().map(end_args).collect()) {
        let rows: Vec<(String,)> = tx.all(finish_statement(tx.dialect(), batch)).await?;
        changed.extend(rows.into_iter().map(|(id,)| id));
    }
    ends.retain(|end| changed.contains(&end.end.id.to_string()));
    let ids = ends.iter().map(|end| end.end.id).collect();
    store_consequences(tx, ends.iter().map(|end| end.end)).await?;
    let large = ends
        .into_iter()
        .filter_map(|End { end, result }| large_row(end.id, result.large));
    store_large(tx, large.collect()).await?;
    Ok(ids)
}

/// Stores what ends that were stored lead to: trigger instances, and next tries.
pub(crate) async fn store_consequences<'a>(
    tx: &mut Tx,
    ends: impl Iterator<Item = &'a FinishedExecution> + Clone,
) -> Result<(), StoreError> {
    let follow_ups: Vec<TriggerInstance> = ends
        .clone()
        .flat_map(|end| end.follow_ups.iter().cloned())
        .collect();
    insert_trigger_instances(tx, &follow_ups).await?;
    insert_executions(tx, ends.filter_map(|end| end.retry.as_deref())).await
}

fn finish_statement(dialect: Dialect, batch: Vec<Vec<Arg>>) -> Sql {
    let text = "update executions set status = v.column3, open = 0, end_us = v.column4, log = log || v.column5, \
                result = v.column6, result_size = v.column7, lease_holder = null, lease_us = null \
                from ? where executions.id = v.column1 and open = 1 and lease_holder = v.column2";
    let ids = first_column(&batch);
    let mut sql = Sql::new(text, args![batch]);
    if dialect == Dialect::Postgres {
        let (first, last) = span(&ids);
        sql.push(" and executions.id between ? and ?", args![first, last]);
    }
    sql.push(" returning executions.id", vec![]);
    sql
}

fn end_args(End { end, result }: &End<'_>) -> Vec<Arg> {
    args![
        end.id.to_string(),
        &end.holder,
        end.status.as_str(),
        micros(end.at),
        log_piece(end.status, end.at),
        result.inline.clone(),
        result.size,
    ]
}

fn large_row(id: ExecutionId, body: Option<Vec<u8>>) -> Option<Vec<Arg>> {
    body.map(|body| args![id.to_string(), Some(body)])
}

pub(crate) async fn store_large(tx: &mut Tx, rows: Vec<Vec<Arg>>) -> Result<(), StoreError> {
    let statements = tx.insertions(
        "execution_results (execution_id, body)",
        "(execution_id) do update set body = excluded.body",
        rows,
    );
    for sql in statements {
        tx.run(sql).await?;
    }
    Ok(())
}

pub(crate) async fn change_one(
    tx: &mut Tx,
    change: &StatusChange,
    result: Option<StoredResult>,
) -> Result<Option<Execution>, StoreError> {
    let statuses: Vec<String> = change.expected.iter().map(ToString::to_string).collect();
    let mut sql = Sql::new(
        "update executions set status = ?, log = log || ?",
        args![change.next.as_str(), log_piece(change.next, change.at)],
    );
    if change.next.is_final() {
        sql.push(", open = 0, end_us = ?", args![micros(change.at)]);
    }
    if !keeps_lease(change.next) {
        sql.push(", lease_holder = null, lease_us = null", vec![]);
    }
    let large = match result {
        Some(result) => {
            sql.push(
                ", result = ?, result_size = ?",
                args![result.inline, result.size],
            );
            result.large
        }
        None => None,
    };
    sql.push(
        " where id = ? and open = 1 and status in ?",
        args![change.id.to_string(), statuses],
    );
    sql.push(&format!(" returning {}", columns(true)), vec![]);
    let mut rows: Vec<ExecutionRow> = tx.all(sql).await?;
    if !rows.is_empty() {
        store_large(tx, large_row(change.id, large).into_iter().collect()).await?;
        insert_trigger_instances(tx, &change.follow_ups).await?;
        fill_results_in(tx, &mut rows).await?;
    }
    rows.into_iter()
        .next()
        .map(ExecutionRow::into_execution)
        .transpose()
}

/// Whether somebody may hold an execution in this state.
pub(crate) fn keeps_lease(status: ExecutionStatus) -> bool {
    use ExecutionStatus as S;
    match status {
        S::Running | S::Canceling | S::Pausing | S::Resuming => true,
        S::Paused
        | S::Pending
        | S::Requested
        | S::Delayed
        | S::Scheduled
        | S::Succeeded
        | S::Failed
        | S::TimedOut
        | S::Abandoned
        | S::Canceled => false,
    }
}
