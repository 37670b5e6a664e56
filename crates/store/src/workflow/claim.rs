//! Who conducts a workflow: claimed, found without a conductor, given back.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use model::{Execution, ExecutionId, ExecutionStatus, Lease, RunnerInfo};

use super::CONDUCTED;
use crate::decode::{micros, to_json};
use crate::execution::CLAIMABLE;
use crate::execution_row::{ExecutionRow, columns, log_piece};
use crate::sql::{Sql, args, span};
use crate::tx::Dialect;
use crate::{Store, StoreError};

/// States of executions that have begun.
const BEGUN: &str = "status not in ('requested', 'delayed', 'scheduled')";

/// How much earlier than the last step a child may have ended and be looked at again: it may have ended while that
/// step was thought out, and by another clock.
const LOOK_BACK: TimeDelta = TimeDelta::seconds(10);

/// Whether a child has ended since the last step. (Two conditions, so that each finds its rows by the index.)
const CHILD_ENDED: &str = "exists (select 1 from workflows w join executions c on c.parent_id = w.execution_id \
                           where w.execution_id = executions.id and c.end_us > w.updated_us - ?)";

/// Whether a child came to want something since: the last entry of its log tells when, in 16 digits.
const CHILD_WAITS: &str = "exists (select 1 from workflows w join executions c on c.parent_id = w.execution_id \
                           where w.execution_id = executions.id and c.end_us is null \
                           and c.status in ('pending', 'paused') \
                           and substr(c.log, length(c.log) - 15) > cast(w.updated_us - ? as text))";

impl Store {
    /// Wins what can be won of `ids`: open executions by conducted runners that nobody holds (or whose lease ended
    /// before `now`), whatever their state, with no delay left and admitted by every gate. Those that had not begun
    /// (`requested`, `scheduled`, `delayed`) are `running` then, with `scheduled` and `running` in their log; others
    /// keep their state. Returns the winners as they are now, in the order of `ids`, results left out.
    pub async fn claim_workflows(
        &self,
        ids: &[ExecutionId],
        lease: &Lease,
        runner: &RunnerInfo,
        now: DateTime<Utc>,
    ) -> Result<Vec<Execution>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = claim(self.dialect(), ids, lease, runner, now);
        let rows: Vec<ExecutionRow> = self.write_rows(sql).await?;
        let mut won = HashMap::with_capacity(rows.len());
        for row in rows {
            let execution = row.into_execution()?;
            won.insert(execution.id, execution);
        }
        Ok(ids.iter().filter_map(|id| won.remove(id)).collect())
    }

    /// Workflows that want a conductor and have none, oldest first, results left out: requested before `before` and not
    /// claimed; begun, and the lease over at `now` or given back although they are neither `paused` nor `pending`; or
    /// `paused`, with a child that has ended (or came to want something) since the last step that released it was
    /// stored or shortly before. Who claims a paused one and finds nothing to do says so with a step that releases it.
    pub async fn unconducted_workflows(
        &self,
        before: DateTime<Utc>,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Execution>, StoreError> {
        let text = format!(
            "select {} from executions where open = 1 and {CONDUCTED} and (({CLAIMABLE} and ready_us < ?) \
             or ({BEGUN} and (lease_us is null or lease_us < ?) and (status not in ('paused', 'pending') \
             or (status = 'paused' and ({CHILD_ENDED} or {CHILD_WAITS}))))) order by id limit ?",
            columns(false)
        );
        let look_back = LOOK_BACK.num_microseconds().unwrap_or_default();
        let values = args![
            micros(before),
            micros(now),
            look_back,
            look_back,
            i64::from(limit)
        ];
        let rows: Vec<ExecutionRow> = self.all_rows(Sql::new(text, values)).await?;
        rows.into_iter().map(ExecutionRow::into_execution).collect()
    }

    /// Gives leases back, so that others need not wait until they end.
    pub async fn release_workflows(
        &self,
        ids: &[ExecutionId],
        holder: &str,
    ) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let text = format!(
            "update executions set lease_holder = null, lease_us = null \
             where id in ? and open = 1 and {CONDUCTED} and lease_holder = ?"
        );
        let mut tx = self.write().await?;
        let outcome = tx.run(Sql::new(text, args![names, holder])).await;
        tx.end(outcome).await?;
        Ok(())
    }
}

fn claim(
    dialect: Dialect,
    ids: &[ExecutionId],
    lease: &Lease,
    runner: &RunnerInfo,
    now: DateTime<Utc>,
) -> Sql {
    let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let (first, last) = span(&names);
    let candidates = format!(
        "id in ? and open = 1 and {CONDUCTED} and (lease_us is null or lease_us < ?) \
         and ({BEGUN} or ({CLAIMABLE} and (delay_ms is null or ready_us <= ?)))"
    );
    let wanted = args![names, micros(now), micros(now)];
    let running = log_piece(ExecutionStatus::Running, now);
    let changes = format!(
        "update executions set status = case when {BEGUN} then status else 'running' end, \
         log = log || case when {BEGUN} then '' when status = 'scheduled' then ? else ? end, \
         lease_holder = ?, lease_us = ?, runner_info = ? "
    );
    let values = args![
        &running,
        log_piece(ExecutionStatus::Scheduled, now) + &running,
        &lease.holder,
        micros(lease.expires_at),
        to_json(runner),
    ];
    let mut sql = Sql::new("", vec![]);
    match dialect {
        Dialect::Postgres => {
            let free = format!(
                "with free as (select id as free_id from executions where {candidates} for update skip locked) "
            );
            sql.push(&free, wanted);
            sql.push(&changes, values);
            sql.push(
                "from free where id = free_id and id between ? and ?",
                args![first, last],
            );
        }
        Dialect::Sqlite => {
            sql.push(&changes, values);
            sql.push(&format!("where {candidates}"), wanted);
        }
    }
    sql.push(&format!(" returning {}", columns(false)), vec![]);
    sql
}
