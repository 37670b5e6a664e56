//! What the scheduler looks after: executions whose delay ends, and those that may be requested once more.

use chrono::{DateTime, Utc};
use model::{Execution, ExecutionId, ExecutionStatus};

use crate::decode::micros;
use crate::execution_row::{ExecutionRow, columns, log_piece};
use crate::sql::{Sql, args};
use crate::{Store, StoreError};

impl Store {
    /// Executions that wait for the end of a delay, oldest first. Those whose delay is over and that wait for a place
    /// at a gate are not among them.
    pub async fn delayed_executions(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<Execution>, StoreError> {
        let text = format!(
            "select {} from executions where open = 1 and status = 'delayed' and delay_ms is not null \
             and (admitted is null or admitted = 1 or ready_us > ?) order by id limit ?",
            columns(false)
        );
        let rows: Vec<ExecutionRow> = self
            .all_rows(Sql::new(text, args![micros(now), i64::from(limit)]))
            .await?;
        rows.into_iter().map(ExecutionRow::into_execution).collect()
    }

    /// Lets others run what is `running` under a lease that ended before `now`: `requested` once more (what was admitted
    /// by gates keeps its place, and is `scheduled`), with a log that says so. Returns those that were changed.
    pub async fn request_again(
        &self,
        ids: &[ExecutionId],
        now: DateTime<Utc>,
    ) -> Result<Vec<Execution>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let text = format!(
            "update executions set status = case when admitted is null then 'requested' else 'scheduled' end, \
             log = log || case when admitted is null then ? else ? end, lease_holder = null, lease_us = null, \
             runner_info = null where id in ? and open = 1 and status = 'running' and lease_us < ? returning {}",
            columns(true)
        );
        let piece = log_piece(ExecutionStatus::Requested, now);
        let both = piece.clone() + &log_piece(ExecutionStatus::Scheduled, now);
        let values = args![piece, both, names, micros(now)];
        let rows: Vec<ExecutionRow> = self.write_rows(Sql::new(text, values)).await?;
        let mut changed: Vec<Execution> = rows
            .into_iter()
            .map(ExecutionRow::into_execution)
            .collect::<Result<_, _>>()?;
        changed.sort_by_key(|execution| execution.id);
        Ok(changed)
    }
}
