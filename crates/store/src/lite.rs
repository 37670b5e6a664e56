//! The embedded database: one writer whose commits are shared, and a pool of readers.
//!
//! Every write operation is a savepoint. When it is done, its caller lines up for the writer again; whoever queued
//! meanwhile writes into the same transaction first, and the first caller that gets the writer a second time commits
//! for all (group commit: one `fsync` for as many operations as were waiting). Nobody is told of success before the
//! commit.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Error, Executor as _};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// The connections to an embedded database.
#[derive(Debug)]
pub(crate) struct Lite {
    writer: Arc<Mutex<Writer>>,
    pub(crate) readers: SqlitePool,
}

/// What came of the commit that a group of operations shares.
type Group = OnceLock<Result<(), Failure>>;

/// A failed commit, told to every operation that took part.
#[derive(Debug, Clone)]
struct Failure {
    code: Option<String>,
    text: String,
}

#[derive(Debug)]
pub(crate) struct Writer {
    connection: SqliteConnection,
    /// The open transaction.
    group: Option<Arc<Group>>,
    /// An operation began and has not ended: it was dropped on the way if the writer is free.
    dirty: bool,
    /// A commit began and has not ended: as above.
    committing: bool,
}

/// One write operation.
#[derive(Debug)]
pub(crate) struct LiteTx {
    guard: OwnedMutexGuard<Writer>,
    writer: Arc<Mutex<Writer>>,
}

impl Lite {
    pub(crate) async fn open(path: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(5))
            .foreign_keys(false)
            .pragma("wal_autocheckpoint", "4000")
            .pragma("journal_size_limit", "67108864")
            .pragma("cache_size", "-16000")
            .pragma("temp_store", "memory")
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let connection = options.clone().connect().await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .min_connections(0)
            .acquire_timeout(Duration::from_secs(10))
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("query_only", "on"));
        let writer = Writer {
            connection,
            group: None,
            dirty: false,
            committing: false,
        };
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            readers,
        })
    }

    /// Begins a write operation, in the transaction that is open or in a new one.
    pub(crate) async fn begin(&self) -> Result<LiteTx, Error> {
        let mut guard = Arc::clone(&self.writer).lock_owned().await;
        guard.settle().await;
        guard.dirty = true;
        if guard.group.is_none() {
            guard.group = Some(Arc::default());
            if let Err(error) = guard.connection.execute("begin immediate").await {
                guard.fail(&error).await;
                return Err(error);
            }
        }
        guard.connection.execute("savepoint operation").await?;
        Ok(LiteTx {
            guard,
            writer: Arc::clone(&self.writer),
        })
    }

    /// The writer itself, outside any transaction (migrations).
    pub(crate) async fn exclusive(&self) -> Result<OwnedMutexGuard<Writer>, Error> {
        let mut guard = Arc::clone(&self.writer).lock_owned().await;
        guard.settle().await;
        guard.commit().await.map_err(Failure::into_error)?;
        Ok(guard)
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
        if let Err(error) = self.exclusive().await {
            tracing::warn!(error = %error, "the last commit failed while closing the database");
        }
    }
}

impl Writer {
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Cleans up after an operation or a commit whose caller was dropped on the way.
    async fn settle(&mut self) {
        if self.committing {
            // `rollback` works only if the commit had not happened.
            let outcome = match self.connection.execute("rollback").await {
                Ok(_) => Err(Failure {
                    code: None,
                    text: "the commit was interrupted".to_owned(),
                }),
                Err(_) => Ok(()),
            };
            self.conclude(outcome);
        } else if self.dirty {
            self.dirty = false;
            if let Err(error) = self.undo().await {
                self.fail(&error).await;
            }
        }
    }

    async fn undo(&mut self) -> Result<(), Error> {
        self.connection.execute("rollback to operation").await?;
        self.connection.execute("release operation").await?;
        Ok(())
    }

    /// Gives up the whole transaction: some failures (a full disk) end it for everybody in it.
    async fn fail(&mut self, error: &Error) {
        if let Err(error) = self.connection.execute("rollback").await {
            tracing::debug!(error = %error, "no transaction was left to roll back");
        }
        self.conclude(Err(Failure::of(error)));
    }

    /// Commits the open transaction, if any, and tells its members.
    async fn commit(&mut self) -> Result<(), Failure> {
        if self.group.is_none() {
            return Ok(());
        }
        self.committing = true;
        match self.connection.execute("commit").await {
            Ok(_) => {
                self.conclude(Ok(()));
                Ok(())
            }
            Err(error) => {
                let failure = Failure::of(&error);
                self.fail(&error).await;
                Err(failure)
            }
        }
    }

    fn conclude(&mut self, outcome: Result<(), Failure>) {
        self.committing = false;
        self.dirty = false;
        if let Some(group) = self.group.take()
            && group.set(outcome).is_err()
        {
            tracing::error!("a transaction ended twice");
        }
    }
}

impl LiteTx {
    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.guard.connection
    }

    /// Ends the operation and returns once its transaction is on disk.
    pub(crate) async fn commit(mut self) -> Result<(), Error> {
        if let Err(error) = self.guard.connection.execute("release operation").await {
            self.guard.fail(&error).await;
            return Err(error);
        }
        self.wait_for_commit().await
    }

    /// Takes back what the operation did.
    pub(crate) async fn rollback(mut self) -> Result<(), Error> {
        if let Err(error) = self.guard.undo().await {
            self.guard.fail(&error).await;
            return Ok(());
        }
        self.wait_for_commit().await
    }

    async fn wait_for_commit(mut self) -> Result<(), Error> {
        self.guard.dirty = false;
        let Some(group) = self.guard.group.clone() else {
            return Ok(());
        };
        drop(self.guard);
        let mut guard = self.writer.lock().await;
        if group.get().is_none() {
            guard.settle().await;
        }
        match group.get() {
            Some(outcome) => outcome.clone().map_err(Failure::into_error),
            None => guard.commit().await.map_err(Failure::into_error),
        }
    }
}

impl Failure {
    fn of(error: &Error) -> Self {
        let refusal = error.as_database_error();
        Self {
            code: refusal.and_then(|refusal| refusal.code().map(std::borrow::Cow::into_owned)),
            text: refusal.map_or_else(|| error.to_string(), |refusal| refusal.message().to_owned()),
        }
    }

    /// An error of the same kind as the one that the committing caller saw.
    fn into_error(self) -> Error {
        Error::Database(Box::new(SharedFailure(self)))
    }
}

/// The failure of a commit as each member of the group sees it.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.text)]
struct SharedFailure(Failure);

impl sqlx::error::DatabaseError for SharedFailure {
    fn message(&self) -> &str {
        &self.0.text
    }

    fn code(&self) -> Option<std::borrow::Cow<'_, str>> {
        self.0.code.as_deref().map(Into::into)
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> sqlx::error::ErrorKind {
        sqlx::error::ErrorKind::Other
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use model::{KeyScope, KeyValue, ObjectId};

    use super::*;
    use crate::tx::Db;
    use crate::{Store, StoreError, StoreOptions};

    async fn store() -> (Store, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::connect(&StoreOptions::Sqlite {
            path: folder.path().join("petrel.db"),
        })
        .await
        .unwrap();
        store.migrate(DateTime::UNIX_EPOCH).await.unwrap();
        (store, folder)
    }

    async fn limit_pages(store: &Store, pages: u32) {
        let Db::Lite(lite) = store.db() else {
            panic!("SQLite")
        };
        let mut writer = lite.exclusive().await.unwrap();
        let pragma = sqlx::AssertSqlSafe(format!("pragma max_page_count = {pages}"));
        writer.connection().execute(pragma).await.unwrap();
    }

    fn item(name: &str, size: usize) -> KeyValue {
        let time = DateTime::from_timestamp(i64::try_from(name.len()).unwrap(), 0).unwrap();
        KeyValue {
            id: ObjectId::floor(time).into(),
            scope: KeyScope::System,
            name: name.into(),
            value: "x".repeat(size),
            is_secret: false,
            expires_at: None,
            updated_at: time,
        }
    }

    async fn has(store: &Store, name: &str) -> bool {
        store
            .key(&KeyScope::System, name, DateTime::UNIX_EPOCH)
            .await
            .unwrap()
            .is_some()
    }

    #[tokio::test]
    async fn says_that_a_full_disk_cannot_be_written_and_goes_on_when_there_is_room() {
        let (store, _folder) = store().await;
        limit_pages(&store, 200).await;

        let error = store.put_key(&item("large", 5_000_000)).await.unwrap_err();

        assert!(matches!(error, StoreError::CannotWrite(..)), "{error:?}");
        assert_eq!(
            error.to_string(),
            "the database cannot write: database or disk is full"
        );
        assert!(!has(&store, "large").await);
        limit_pages(&store, 1_000_000).await;
        store.put_key(&item("large", 5_000_000)).await.unwrap();
        assert!(has(&store, "large").await);
    }

    #[tokio::test]
    async fn a_failed_commit_is_told_to_its_group_in_the_words_of_the_database() {
        let (store, _folder) = store().await;
        limit_pages(&store, 200).await;
        let StoreError::CannotWrite(text, error) =
            store.put_key(&item("large", 5_000_000)).await.unwrap_err()
        else {
            panic!("the disk is full")
        };

        let shared = crate::fault::fault(Failure::of(&error).into_error());

        assert_eq!(
            shared.to_string(),
            format!("the database cannot write: {text}")
        );
        assert!(std::error::Error::source(&shared).is_none(), "{shared:?}");
    }

    #[tokio::test]
    async fn fails_no_small_write_silently_when_a_large_one_beside_it_fills_the_disk() {
        let (store, _folder) = store().await;
        limit_pages(&store, 200).await;
        let items: Vec<KeyValue> = (1..20)
            .map(|length| item(&"k".repeat(length), 10))
            .collect();
        let large = item("a large one that fills the disk", 5_000_000);

        let small = futures::future::join_all(items.iter().map(|item| store.put_key(item)));
        let (small, large) = futures::join!(small, store.put_key(&large));

        assert!(matches!(large, Err(StoreError::CannotWrite(..))));
        for (item, outcome) in items.iter().zip(small) {
            assert_eq!(
                has(&store, &item.name).await,
                outcome.is_ok(),
                "{}",
                item.name
            );
        }
    }

    #[tokio::test]
    async fn shares_one_commit_among_writes_that_wait_together() {
        let (store, _folder) = store().await;
        let Db::Lite(lite) = store.db() else {
            panic!("SQLite")
        };

        let first = lite.begin().await.unwrap();
        let group = first.guard.group.clone().unwrap();
        let second = async {
            let second = lite.begin().await.unwrap();
            let joined = Arc::ptr_eq(second.guard.group.as_ref().unwrap(), &group);
            second.commit().await.unwrap();
            joined
        };
        // Polled first, it is in the queue before the first operation lines up for its commit.
        let (joined, committed) = futures::join!(second, first.commit());

        committed.unwrap();
        assert!(joined);
        assert!(group.get().is_some_and(Result::is_ok));
    }
}
