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

/// Paused workflows of whose children one has ended since the last step, or came to want something (the last entry of
/// its log tells when, in 16 digits).
///
/// The paused ones are found first and alone: a condition on each of PostgreSQL's partitions would look into all others.
const HAVE_NEWS: &str = "select execution_id from paused where exists (select 1 from executions c \
                         where c.parent_id = execution_id and c.end_us > seen_us) \
                         or exists (select 1 from executions c where c.parent_id = execution_id \
                         and c.end_us is null and c.status in ('pending', 'paused') \
                         and substr(c.log, length(c.log) - 15) > cast(seen_us as text)) \
                         order by execution_id limit ?";

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
             or ({BEGUN} and status not in ('paused', 'pending') and (lease_us is null or lease_us < ?))) \
             order by id limit ?",
            columns(false)
        );
        let values = args![micros(before), micros(now), i64::from(limit)];
        let mut rows: Vec<ExecutionRow> = self.all_rows(Sql::new(text, values)).await?;
        rows.extend(self.paused_with_news(now, limit).await?);
        rows.sort_by(|a, b| a.id.cmp(&b.id));
        rows.truncate(limit as usize);
        rows.into_iter().map(ExecutionRow::into_execution).collect()
    }

    async fn paused_with_news(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ExecutionRow>, StoreError> {
        let text = format!(
            "with paused as materialized (select w.execution_id, w.updated_us - ? as seen_us from executions e \
             join workflows w on w.execution_id = e.id where e.open = 1 and e.{CONDUCTED} and e.status = 'paused' \
             and (e.lease_us is null or e.lease_us < ?)) {HAVE_NEWS}"
        );
        let look_back = LOOK_BACK.num_microseconds().unwrap_or_default();
        let values = args![look_back, micros(now), i64::from(limit)];
        let ids: Vec<(String,)> = self.all_rows(Sql::new(text, values)).await?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<String> = ids.into_iter().map(|(id,)| id).collect();
        let text = format!(
            "select {} from executions where id in ? and open = 1 and status = 'paused'",
            columns(false)
        );
        self.all_rows(Sql::new(text, args![ids])).await
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
