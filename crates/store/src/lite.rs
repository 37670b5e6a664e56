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
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
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
        let writer = Writer { connection, group: None, dirty: false, committing: false };
        Ok(Self { writer: Arc::new(Mutex::new(writer)), readers })
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
        Ok(LiteTx { guard, writer: Arc::clone(&self.writer) })
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
                Ok(_) => Err(Failure { code: None, text: "the commit was interrupted".to_owned() }),
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
        let Some(group) = self.guard.group.clone() else { return Ok(()) };
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
        let code = error.as_database_error().and_then(|refusal| refusal.code().map(std::borrow::Cow::into_owned));
        Self { code, text: error.to_string() }
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
