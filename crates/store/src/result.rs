//! Results of executions: small ones in the row, others compressed beside it.

use std::collections::HashMap;

use model::ExecutionId;
use serde_json::Value;

use crate::decode::{Place, to_json};
use crate::execution_row::ExecutionRow;
use crate::sql::{Sql, args};
use crate::tx::Tx;
use crate::{Store, StoreError};

/// Results of up to this many bytes stay in the row.
const INLINE_UP_TO: usize = 2048;

/// What has up to this many bytes is compressed and unpacked on the spot, else on a thread for blocking work.
const ON_THE_SPOT: usize = 64 * 1024;

/// A result, or another text, as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct StoredResult {
    /// Bytes as JSON.
    pub(crate) size: i64,
    /// The JSON, where it is small.
    pub(crate) inline: Option<String>,
    /// The compressed JSON, where it is not.
    pub(crate) large: Option<Vec<u8>>,
}

impl StoredResult {
    pub(crate) fn of(result: &Value) -> Self {
        Self::of_text(to_json(result))
    }

    /// A text with the character NUL, which PostgreSQL's texts cannot hold, is packed whatever its size.
    fn of_text(text: String) -> Self {
        let size = i64::try_from(text.len()).unwrap_or(i64::MAX);
        if text.len() <= INLINE_UP_TO && !text.contains('\0') {
            return Self {
                size,
                inline: Some(text),
                large: None,
            };
        }
        match zstd::encode_all(text.as_bytes(), 1) {
            Ok(packed) => Self {
                size,
                inline: None,
                large: Some(packed),
            },
            // Compressing into memory does not fail; were it to, the row is big enough.
            Err(_) => Self {
                size,
                inline: Some(text),
                large: None,
            },
        }
    }

    /// As [`Self::of`]; a large result does not hold up other tasks meanwhile.
    pub(crate) async fn of_any_size(result: &Value) -> Self {
        Self::of_text_of_any_size(to_json(result)).await
    }

    /// As [`Self::of_any_size`], of a text.
    pub(crate) async fn of_text_of_any_size(text: String) -> Self {
        if text.len() <= ON_THE_SPOT {
            return Self::of_text(text);
        }
        let spare = text.clone();
        match tokio::task::spawn_blocking(move || Self::of_text(text)).await {
            Ok(result) => result,
            Err(_) => Self::of_text(spare),
        }
    }
}

/// The execution's id, and its compressed result.
pub(crate) type ResultRow = (String, Vec<u8>);

/// Ids of rows whose result lies beside them.
fn separate(rows: &[ExecutionRow]) -> Vec<String> {
    let is_separate = |row: &&ExecutionRow| row.result.is_none() && row.result_size.is_some();
    rows.iter()
        .filter(is_separate)
        .map(|row| row.id.clone())
        .collect()
}

fn statement(ids: Vec<String>) -> Sql {
    Sql::new(
        "select execution_id, body from execution_results where execution_id in ?",
        args![ids],
    )
}

/// The text that was packed.
pub(crate) fn unpack(
    place: Place<'_>,
    column: &'static str,
    packed: &[u8],
) -> Result<String, StoreError> {
    let bytes = zstd::decode_all(packed).map_err(|error| place.unreadable(column, &error))?;
    String::from_utf8(bytes).map_err(|error| place.unreadable(column, &error))
}

/// Does what takes its time for so many packed bytes, without holding up other tasks.
pub(crate) async fn apart<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    if bytes <= ON_THE_SPOT {
        return work();
    }
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or(Err(StoreError::Unavailable(sqlx::Error::WorkerCrashed)))
}

fn fill(rows: &mut [ExecutionRow], results: Vec<ResultRow>) -> Result<(), StoreError> {
    let mut texts = HashMap::new();
    for (id, body) in results {
        let place = Place {
            table: "execution_results",
            row: &id,
        };
        let text = unpack(place, "body", &body)?;
        texts.insert(id, text);
    }
    for row in rows {
        if let Some(text) = texts.remove(&row.id) {
            row.result = Some(text);
        }
    }
    Ok(())
}

fn read_results(
    inline: Vec<(String, String)>,
    packed: Vec<ResultRow>,
) -> Result<Vec<(ExecutionId, Value)>, StoreError> {
    let mut results = Vec::with_capacity(inline.len() + packed.len());
    for (id, text) in inline {
        let place = Place {
            table: "executions",
            row: &id,
        };
        results.push((place.parse("id", &id)?, place.json("result", &text)?));
    }
    for (id, body) in packed {
        let place = Place {
            table: "execution_results",
            row: &id,
        };
        let text = unpack(place, "body", &body)?;
        results.push((
            place.parse("execution_id", &id)?,
            place.json("body", &text)?,
        ));
    }
    results.sort_by_key(|(id, _)| *id);
    Ok(results)
}

impl Store {
    /// Results of executions, as they are stored: of those that have one, in the order of their ids.
    pub async fn results(
        &self,
        ids: &[ExecutionId],
    ) -> Result<Vec<(ExecutionId, Value)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let names: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let sql = Sql::new(
            "select id, result from executions where id in ? and result_size is not null",
            args![names],
        );
        let rows: Vec<(String, Option<String>)> = self.all_rows(sql).await?;
        let (mut inline, mut elsewhere) = (Vec::new(), Vec::new());
        for (id, result) in rows {
            match result {
                Some(text) => inline.push((id, text)),
                None => elsewhere.push(id),
            }
        }
        let packed: Vec<ResultRow> = if elsewhere.is_empty() {
            Vec::new()
        } else {
            self.all_rows(statement(elsewhere)).await?
        };
        let bytes = inline.iter().map(|(_, text)| text.len()).sum::<usize>()
            + packed.iter().map(|(_, body)| body.len()).sum::<usize>();
        apart(bytes, move || read_results(inline, packed)).await
    }

    /// Reads the results that lie beside rows that were read.
    pub(crate) async fn fill_results(&self, rows: &mut [ExecutionRow]) -> Result<(), StoreError> {
        let ids = separate(rows);
        if ids.is_empty() {
            Ok(())
        } else {
            fill(rows, self.all_rows(statement(ids)).await?)
        }
    }
}

/// The same, within a write operation.
pub(crate) async fn fill_results_in(
    tx: &mut Tx,
    rows: &mut [ExecutionRow],
) -> Result<(), StoreError> {
    let ids = separate(rows);
    if ids.is_empty() {
        Ok(())
    } else {
        fill(rows, tx.all(statement(ids)).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_small_results_in_the_row_and_packs_others() {
        let small = StoredResult::of(&Value::from("x".repeat(2046)));
        let large = StoredResult::of(&Value::from("x".repeat(2047)));

        assert_eq!(
            (small.size, small.inline.is_some(), small.large.is_some()),
            (2048, true, false)
        );
        assert_eq!(
            (large.size, large.inline.is_some(), large.large.is_some()),
            (2049, false, true)
        );
    }
}
