//! Running statements: reads on any connection, writes in a transaction.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Error, FromRow, PgPool, Postgres};

use crate::fault::fault;
use crate::lite::{Lite, LiteTx};
use crate::sql::{Arg, Sql};
use crate::{Store, StoreError};

/// The connections of a store.
#[derive(Debug)]
pub(crate) enum Db {
    Pg(PgPool),
    Lite(Lite),
}

/// A write operation: all of it happens, or nothing.
pub(crate) enum Tx {
    Pg(sqlx::Transaction<'static, Postgres>),
    Lite(LiteTx),
}

/// Which database: statements that differ ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Postgres,
    Sqlite,
}

/// A row that can be read from either database.
pub(crate) trait Row:
    for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'static
{
}

impl<T> Row for T where
    T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin + 'static
{
}

/// Sizes of the batches that SQLite gets: few, so that every statement is prepared once and found again.
const SQLITE_BATCHES: [usize; 5] = [256, 64, 16, 4, 1];
/// Rows a statement for PostgreSQL carries at most.
const POSTGRES_BATCH: usize = 5000;
/// Bytes of texts and bodies beyond which a statement for PostgreSQL carries no further row.
const POSTGRES_BATCH_BYTES: usize = 32 << 20;
/// Writes that PostgreSQL gets in one message at most.
const TOGETHER: usize = 8;

macro_rules! with_arguments {
    ($sql:expr, $render:ident, $make:path, $text:ident, $query:ident => $body:expr) => {{
        let ($text, arguments) = $sql
            .$render()
            .map_err(|error| StoreError::Refused(Error::Encode(error)))?;
        let $query = $make(AssertSqlSafe($text), arguments);
        $body.await.map_err(fault)
    }};
}

impl Store {
    pub(crate) fn dialect(&self) -> Dialect {
        match self.db() {
            Db::Pg(_) => Dialect::Postgres,
            Db::Lite(_) => Dialect::Sqlite,
        }
    }

    /// Begins a write operation; hand its outcome to [`Tx::end`].
    pub(crate) async fn write(&self) -> Result<Tx, StoreError> {
        match self.db() {
            Db::Pg(pool) => Ok(Tx::Pg(pool.begin().await.map_err(fault)?)),
            Db::Lite(lite) => Ok(Tx::Lite(lite.begin().await.map_err(fault)?)),
        }
    }

    /// Reads all rows of a statement.
    pub(crate) async fn all_rows<R: Row>(&self, sql: Sql) -> Result<Vec<R>, StoreError> {
        match self.db() {
            Db::Pg(pool) => {
                with_arguments!(sql, postgres, sqlx::query_as_with, text, query => query.fetch_all(pool))
            }
            Db::Lite(lite) => {
                with_arguments!(sql, sqlite, sqlx::query_as_with, text, query => query.fetch_all(&lite.readers))
            }
        }
    }

    /// Reads the first row of a statement, if there is one.
    pub(crate) async fn first_row<R: Row>(&self, sql: Sql) -> Result<Option<R>, StoreError> {
        match self.db() {
            Db::Pg(pool) => {
                with_arguments!(sql, postgres, sqlx::query_as_with, text, query => query.fetch_optional(pool))
            }
            Db::Lite(lite) => {
                with_arguments!(sql, sqlite, sqlx::query_as_with, text, query => query.fetch_optional(&lite.readers))
            }
        }
    }

    /// Reads a statement that gives one number.
    pub(crate) async fn number(&self, sql: Sql) -> Result<u64, StoreError> {
        let row: Option<(i64,)> = self.first_row(sql).await?;
        Ok(row.map_or(0, |(number,)| u64::try_from(number).unwrap_or(0)))
    }

    /// A write operation of writes of which none touches a row of another. PostgreSQL gets a few as one statement, which
    /// needs no transaction around it: one message instead of one for each and two more.
    pub(crate) async fn write_together(&self, writes: Vec<Sql>) -> Result<(), StoreError> {
        match self.db() {
            Db::Pg(pool) if writes.len() <= TOGETHER => {
                let whole = Sql::together(writes);
                with_arguments!(whole, postgres, sqlx::query_with, text, query => query.execute(pool))?;
                Ok(())
            }
            Db::Pg(_) | Db::Lite(_) => {
                let mut tx = self.write().await?;
                let outcome = tx.run_together(writes).await;
                tx.end(outcome).await
            }
        }
    }

    /// A write operation of one statement. PostgreSQL needs no transaction around it.
    pub(crate) async fn write_rows<R: Row>(&self, sql: Sql) -> Result<Vec<R>, StoreError> {
        match self.db() {
            Db::Pg(_) => self.all_rows(sql).await,
            Db::Lite(_) => {
                let mut tx = self.write().await?;
                let outcome = tx.all(sql).await;
                tx.end(outcome).await
            }
        }
    }
}

impl Dialect {
    /// Statements that insert rows, passing over those that are there.
    pub(crate) fn new_rows(self, table_and_columns: &str, rows: Vec<Vec<Arg>>) -> Vec<Sql> {
        self.insertions(table_and_columns, "do nothing", rows)
    }

    /// Statements that insert rows; `otherwise` says what becomes of those that are there.
    pub(crate) fn insertions(
        self,
        table_and_columns: &str,
        otherwise: &str,
        rows: Vec<Vec<Arg>>,
    ) -> Vec<Sql> {
        let text = format!(
            "insert into {table_and_columns} select * from ? where true on conflict {otherwise}"
        );
        self.batches(rows)
            .into_iter()
            .map(|batch| Sql::new(&text, vec![Arg::Rows(batch)]))
            .collect()
    }

    /// Cuts rows into batches that a statement can carry.
    pub(crate) fn batches(self, mut rows: Vec<Vec<Arg>>) -> Vec<Vec<Vec<Arg>>> {
        let mut batches = Vec::new();
        while !rows.is_empty() {
            let size = match self {
                Self::Postgres => postgres_batch(&rows),
                Self::Sqlite => SQLITE_BATCHES
                    .into_iter()
                    .find(|size| *size <= rows.len())
                    .unwrap_or(1),
            };
            let rest = rows.split_off(size);
            batches.push(std::mem::replace(&mut rows, rest));
        }
        batches
    }
}

impl Tx {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Self::Pg(_) => Dialect::Postgres,
            Self::Lite(_) => Dialect::Sqlite,
        }
    }

    /// Runs a statement and reads what it returns.
    pub(crate) async fn all<R: Row>(&mut self, sql: Sql) -> Result<Vec<R>, StoreError> {
        match self {
            Self::Pg(tx) => {
                with_arguments!(sql, postgres, sqlx::query_as_with, text, query => query.fetch_all(&mut **tx))
            }
            Self::Lite(tx) => {
                with_arguments!(sql, sqlite, sqlx::query_as_with, text, query => query.fetch_all(tx.connection()))
            }
        }
    }

    /// Runs a statement and reads the first row that it returns.
    pub(crate) async fn first<R: Row>(&mut self, sql: Sql) -> Result<Option<R>, StoreError> {
        Ok(self.all(sql).await?.into_iter().next())
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn run(&mut self, sql: Sql) -> Result<u64, StoreError> {
        match self {
            Self::Pg(tx) => {
                let done = with_arguments!(sql, postgres, sqlx::query_with, text, query => query.execute(&mut **tx))?;
                Ok(done.rows_affected())
            }
            Self::Lite(tx) => {
                let done = with_arguments!(sql, sqlite, sqlx::query_with, text, query => query.execute(tx.connection()))?;
                Ok(done.rows_affected())
            }
        }
    }

    /// Inserts rows, passing over those that are there.
    pub(crate) async fn insert_new(
        &mut self,
        table_and_columns: &str,
        rows: Vec<Vec<Arg>>,
    ) -> Result<u64, StoreError> {
        let mut added = 0;
        for sql in self.new_rows(table_and_columns, rows) {
            added += self.run(sql).await?;
        }
        Ok(added)
    }

    /// See [`Dialect::insertions`].
    pub(crate) fn insertions(
        &self,
        table_and_columns: &str,
        otherwise: &str,
        rows: Vec<Vec<Arg>>,
    ) -> Vec<Sql> {
        self.dialect()
            .insertions(table_and_columns, otherwise, rows)
    }

    /// See [`Dialect::new_rows`].
    pub(crate) fn new_rows(&self, table_and_columns: &str, rows: Vec<Vec<Arg>>) -> Vec<Sql> {
        self.dialect().new_rows(table_and_columns, rows)
    }

    /// See [`Dialect::batches`].
    pub(crate) fn batches(&self, rows: Vec<Vec<Arg>>) -> Vec<Vec<Vec<Arg>>> {
        self.dialect().batches(rows)
    }

    /// Runs writes of which none touches a row of another: PostgreSQL gets them in one message.
    pub(crate) async fn run_together(&mut self, writes: Vec<Sql>) -> Result<(), StoreError> {
        let most = match self.dialect() {
            Dialect::Postgres => TOGETHER,
            Dialect::Sqlite => 1,
        };
        let mut writes = writes.into_iter().peekable();
        while writes.peek().is_some() {
            self.run(Sql::together(writes.by_ref().take(most).collect()))
                .await?;
        }
        Ok(())
    }

    /// Commits where `outcome` is good, else takes everything back.
    pub(crate) async fn end<T, E: From<StoreError>>(self, outcome: Result<T, E>) -> Result<T, E> {
        match outcome {
            Ok(value) => {
                self.commit().await.map_err(fault)?;
                Ok(value)
            }
            Err(error) => {
                if let Err(failure) = self.rollback().await {
                    tracing::debug!(error = %failure, "a rollback failed: the connection is gone");
                }
                Err(error)
            }
        }
    }

    async fn commit(self) -> Result<(), Error> {
        match self {
            Self::Pg(tx) => tx.commit().await,
            Self::Lite(tx) => tx.commit().await,
        }
    }

    async fn rollback(self) -> Result<(), Error> {
        match self {
            Self::Pg(tx) => tx.rollback().await,
            Self::Lite(tx) => tx.rollback().await,
        }
    }
}

/// How many of the first rows go into one statement.
fn postgres_batch(rows: &[Vec<Arg>]) -> usize {
    let mut bytes = 0;
    let fits = |row: &&Vec<Arg>| {
        bytes += row.iter().map(Arg::bytes).sum::<usize>();
        bytes <= POSTGRES_BATCH_BYTES
    };
    rows.iter()
        .take(POSTGRES_BATCH)
        .take_while(fits)
        .count()
        .max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::args;

    #[test]
    fn cuts_rows_for_postgres_by_their_number_and_their_size() {
        let small: Vec<Vec<Arg>> = (0..6000_i64).map(|number| args![number, "x"]).collect();
        let large = |bytes: usize| vec![args![1_i64, Some(vec![0_u8; bytes])]; 3];

        assert_eq!(postgres_batch(&small), 5000);
        assert_eq!(postgres_batch(&small[..10]), 10);
        assert_eq!(postgres_batch(&large(POSTGRES_BATCH_BYTES / 2 - 8)), 2);
        assert_eq!(postgres_batch(&large(POSTGRES_BATCH_BYTES + 1)), 1);
    }
}
