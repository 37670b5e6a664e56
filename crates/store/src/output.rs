//! What executions print.

use model::{ExecutionId, OutputLine, OutputStream};

use crate::decode::{Place, micros, time};
use crate::sql::{Arg, Sql, args};
use crate::{Store, StoreError};

const COLUMNS: &str = "execution_id, sequence, stream, data, at_us";

impl Store {
    /// Stores pieces of output of any executions, batched. Pieces that are there already are passed over.
    pub async fn add_output(&self, lines: &[OutputLine]) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut tx = self.write().await?;
        let rows = lines.iter().map(line_args).collect();
        let outcome = tx
            .insert_new(&format!("execution_output ({COLUMNS})"), rows)
            .await;
        tx.end(outcome).await.map(|_| ())
    }

    /// Pieces of an execution's output from position `from` on, in order; of all streams unless one is named.
    pub async fn output(
        &self,
        id: ExecutionId,
        stream: Option<OutputStream>,
        from: u64,
        limit: u32,
    ) -> Result<Vec<OutputLine>, StoreError> {
        let mut sql = Sql::new(
            format!(
                "select {COLUMNS} from execution_output where execution_id = ? and sequence >= ?"
            ),
            args![id.to_string(), position(from)],
        );
        if let Some(stream) = stream {
            sql.push(" and stream = ?", args![stream.as_str()]);
        }
        sql.push(" order by sequence limit ?", args![i64::from(limit)]);
        let rows: Vec<OutputRow> = self.all_rows(sql).await?;
        rows.into_iter().map(OutputRow::into_line).collect()
    }
}

fn position(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// Text is stored as bytes: programs print NUL characters, which PostgreSQL's texts cannot hold.
fn line_args(line: &OutputLine) -> Vec<Arg> {
    args![
        line.execution_id.to_string(),
        position(line.sequence),
        line.stream.as_str(),
        Some(line.data.clone().into_bytes()),
        micros(line.timestamp),
    ]
}

#[derive(sqlx::FromRow)]
struct OutputRow {
    execution_id: String,
    sequence: i64,
    stream: String,
    data: Vec<u8>,
    at_us: i64,
}

impl OutputRow {
    fn into_line(self) -> Result<OutputLine, StoreError> {
        let place = Place {
            table: "execution_output",
            row: &self.execution_id,
        };
        let stream = match self.stream.as_str() {
            "stdout" => OutputStream::Stdout,
            "stderr" => OutputStream::Stderr,
            "other" => OutputStream::Other,
            unknown => return Err(place.unreadable("stream", &format!("`{unknown}` is no stream"))),
        };
        Ok(OutputLine {
            execution_id: place.parse("execution_id", &self.execution_id)?,
            sequence: u64::try_from(self.sequence).unwrap_or(0),
            stream,
            data: String::from_utf8(self.data).map_err(|error| place.unreadable("data", &error))?,
            timestamp: time(self.at_us),
        })
    }
}
