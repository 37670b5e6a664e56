//! Inquiries: executions that wait for somebody's answer, and one day give up waiting.
//!
//! While it is `pending` nobody holds an execution: an answer, a cancellation or the end of its time takes it further,
//! whichever is stored first.

use chrono::{DateTime, Utc};
use model::{ExecutionId, ExecutionStatus, TriggerInstance};
use serde_json::Value;

use crate::decode::{Place, micros};
use crate::event::insert_trigger_instances;
use crate::execution::{change_one, store_consequences, store_large};
use crate::execution_row::log_piece;
use crate::result::StoredResult;
use crate::sql::{Sql, args};
use crate::tx::Tx;
use crate::{FinishedExecution, StatusChange, Store, StoreError};

/// An execution that begins to wait for an answer.
#[derive(Debug, Clone)]
pub struct PendingExecution {
    /// Which one.
    pub id: ExecutionId,
    /// Who held it: a question asked by anybody else changes nothing.
    pub holder: String,
    /// What is asked, secrets masked or sealed.
    pub result: Value,
    /// When.
    pub at: DateTime<Utc>,
    /// How long it waits; for ever if `None`.
    pub until: Option<DateTime<Utc>>,
    /// Trigger instances to store with it, if it is stored.
    pub follow_ups: Vec<TriggerInstance>,
}

impl Store {
    /// Lets executions wait, in one transaction: each must be `running` and held by its holder, and is `pending` and
    /// held by nobody then. Returns those that were changed.
    pub async fn await_answers(
        &self,
        pending: &[PendingExecution],
    ) -> Result<Vec<ExecutionId>, StoreError> {
        let mut questions = Vec::with_capacity(pending.len());
        for question in pending {
            let result = StoredResult::of_any_size(&question.result).await;
            questions.push((question, result));
        }
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        // One order for all, so that two batches never wait for each other in a circle.
        questions.sort_by_key(|(question, _)| question.id);
        let mut tx = self.write().await?;
        let outcome = ask(&mut tx, questions).await;
        tx.end(outcome).await
    }

    /// Executions that have waited for an answer until before `now`, at most `limit` of them, the oldest first.
    pub async fn overdue_inquiries(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<ExecutionId>, StoreError> {
        let text = "select id from executions \
                    where open = 1 and status = 'pending' and ready_us < ? order by id limit ?";
        let rows: Vec<(String,)> = self
            .all_rows(Sql::new(text, args![micros(now), i64::from(limit)]))
            .await?;
        let id = |(id,): (String,)| {
            let place = Place {
                table: "executions",
                row: &id,
            };
            place.parse("id", &id)
        };
        rows.into_iter().map(id).collect()
    }

    /// Stores the end of an execution that waits for an answer, with its follow-ups, in one transaction; whose holder
    /// told it does not matter. False where it does not wait (any more): then nothing is changed.
    pub async fn end_pending(&self, end: &FinishedExecution) -> Result<bool, StoreError> {
        if !end.status.is_final() {
            return Ok(false);
        }
        let change = StatusChange {
            id: end.id,
            expected: vec![ExecutionStatus::Pending],
            next: end.status,
            at: end.at,
            result: None,
            follow_ups: Vec::new(),
        };
        let result = StoredResult::of_any_size(&end.result).await;
        let mut tx = self.write().await?;
        let outcome = end_one(&mut tx, &change, result, end).await;
        tx.end(outcome).await
    }
}

async fn ask(
    tx: &mut Tx,
    questions: Vec<(&PendingExecution, StoredResult)>,
) -> Result<Vec<ExecutionId>, StoreError> {
    let (mut changed, mut follow_ups, mut large) = (Vec::new(), Vec::new(), Vec::new());
    for (question, result) in questions {
        let until = question.until.map_or(i64::MAX, micros);
        let sql = Sql::new(
            "update executions set status = 'pending', log = log || ?, result = ?, result_size = ?, ready_us = ?, \
             lease_holder = null, lease_us = null \
             where id = ? and open = 1 and status = 'running' and lease_holder = ?",
            args![
                log_piece(ExecutionStatus::Pending, question.at),
                result.inline,
                result.size,
                until,
                question.id.to_string(),
                &question.holder,
            ],
        );
        if tx.run(sql).await? > 0 {
            let body = result.large;
            large.extend(body.map(|body| args![question.id.to_string(), Some(body)]));
            follow_ups.extend(question.follow_ups.iter().cloned());
            changed.push(question.id);
        }
    }
    store_large(tx, large).await?;
    insert_trigger_instances(tx, &follow_ups).await?;
    Ok(changed)
}

async fn end_one(
    tx: &mut Tx,
    change: &StatusChange,
    result: StoredResult,
    end: &FinishedExecution,
) -> Result<bool, StoreError> {
    let has_ended = change_one(tx, change, Some(result)).await?.is_some();
    if has_ended {
        store_consequences(tx, std::iter::once(end)).await?;
    }
    Ok(has_ended)
}
