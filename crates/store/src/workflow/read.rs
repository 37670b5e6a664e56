//! What a conductor reads when it takes a workflow over.

use chrono::{DateTime, TimeDelta, Utc};
use model::{Execution, ExecutionId, ObjectId};

use super::StoredWorkflow;
use crate::decode::{Place, micros};
use crate::execution_row::{ExecutionRow, columns_but_parameters};
use crate::result::{apart, unpack};
use crate::sql::{Sql, args};
use crate::{Store, StoreError};

/// A key and its body, as text or packed.
type BodyRow = (String, Option<String>, Option<Vec<u8>>);

impl Store {
    /// The text of a workflow's definition as it began with it; none before its first step.
    pub async fn workflow_definition(&self, id: ExecutionId) -> Result<Option<String>, StoreError> {
        let Some(row) = self.definition_row(id).await? else {
            return Ok(None);
        };
        let bytes = row.2.as_ref().map_or(0, Vec::len);
        let text = apart(bytes, move || read("workflow_definitions", row)).await?;
        Ok(Some(text.1))
    }

    async fn definition_row(&self, id: ExecutionId) -> Result<Option<BodyRow>, StoreError> {
        let sql = Sql::new(
            "select d.key, d.body, d.packed from workflows w join workflow_definitions d on d.key = w.definition \
             where w.execution_id = ?",
            args![id.to_string()],
        );
        self.first_row(sql).await
    }

    /// A workflow as its steps have left it; none before its first step.
    pub async fn workflow(&self, id: ExecutionId) -> Result<Option<StoredWorkflow>, StoreError> {
        let Some(definition) = self.definition_row(id).await? else {
            return Ok(None);
        };
        let records = Sql::new(
            "select key, body, packed from workflow_records where execution_id = ? order by key",
            args![id.to_string()],
        );
        let records: Vec<BodyRow> = self.all_rows(records).await?;
        let packed = |(_, _, packed): &BodyRow| packed.as_ref().map_or(0, Vec::len);
        let bytes = packed(&definition) + records.iter().map(packed).sum::<usize>();
        apart(bytes, move || {
            let (_, definition) = read("workflow_definitions", definition)?;
            let records = records
                .into_iter()
                .map(|row| read("workflow_records", row))
                .collect::<Result<_, _>>()?;
            Ok(Some(StoredWorkflow {
                definition,
                records,
            }))
        })
        .await
    }

    /// The executions that a workflow has asked for, oldest first, results and parameters left out (empty).
    pub async fn task_executions(
        &self,
        workflow: ExecutionId,
    ) -> Result<Vec<Execution>, StoreError> {
        let text = format!(
            "select {} from executions where parent_id = ? and id >= ? order by id",
            columns_but_parameters()
        );
        // No child is older than its workflow, whatever clocks say: earlier days need not be looked at.
        let earliest = ObjectId::floor(workflow.object_id().time() - TimeDelta::days(1));
        let values = args![workflow.to_string(), earliest.to_string()];
        let rows: Vec<ExecutionRow> = self.all_rows(Sql::new(text, values)).await?;
        rows.into_iter().map(ExecutionRow::into_execution).collect()
    }

    /// Which of these workflows may not have heard what became of an execution that they asked for, although that was between
    /// `since` and `until`: it ended, and its record (`prefix` and its id) is still there, or it stands still. The ends of those
    /// that a policy tried again are always among them.
    pub async fn unheard_workflows(
        &self,
        workflows: &[ExecutionId],
        prefix: &str,
        since: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<ExecutionId>, StoreError> {
        let Some(oldest) = workflows.iter().min() else {
            return Ok(Vec::new());
        };
        let earliest = ObjectId::floor(oldest.object_id().time() - TimeDelta::days(1));
        let names: Vec<String> = workflows.iter().map(ToString::to_string).collect();
        let (since, until) = (micros(since), micros(until));
        let mut sql = Sql::new(
            "select distinct c.parent_id from executions c where c.parent_id in ? and c.id >= ? \
             and c.end_us > ? and c.end_us <= ? and (c.context like '%\"first_liveaction_id\"%' or exists (select 1 \
             from workflow_records r where r.execution_id = c.parent_id and r.key = ? || c.id))",
            args![names.clone(), earliest.to_string(), since, until, prefix],
        );
        sql.push(
            " union select c.parent_id from executions c where c.parent_id in ? and c.id >= ? \
             and c.end_us is null and c.status in ('pending', 'paused') \
             and substr(c.log, length(c.log) - 15) > ? and substr(c.log, length(c.log) - 15) <= ?",
            args![
                names,
                earliest.to_string(),
                since.to_string(),
                until.to_string()
            ],
        );
        let rows: Vec<(String,)> = self.all_rows(sql).await?;
        rows.iter()
            .map(|(id,)| {
                let place = Place {
                    table: "executions",
                    row: id,
                };
                place.parse("parent_id", id)
            })
            .collect()
    }
}

fn read(table: &'static str, (key, body, packed): BodyRow) -> Result<(String, String), StoreError> {
    let place = Place { table, row: &key };
    let text = match (body, packed) {
        (Some(body), _) => body,
        (None, Some(packed)) => unpack(place, "packed", &packed)?,
        (None, None) => return Err(place.unreadable("body", &"it has none")),
    };
    Ok((key, text))
}
