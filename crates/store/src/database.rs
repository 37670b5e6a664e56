//! The handle to the database, its errors, and starting it.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Error, PgPool};
use tokio::time::Instant;

use crate::StoreOptions;
use crate::fault::fault;
use crate::lite::Lite;
use crate::snapshot::SeenSnapshots;
use crate::sql::Sql;
use crate::tx::Db;
use crate::workflow::KnownDefinitions;

static POSTGRES_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/postgres");
static SQLITE_MIGRATIONS: Migrator = sqlx::migrate!("../../migrations/sqlite");

/// The longest wait between two attempts to reach the server.
const LONGEST_WAIT: Duration = Duration::from_secs(5);
/// A connection that was used so recently is not asked whether it is alive: no server restarts within it, and asking
/// is a round trip before each transaction.
const SURELY_ALIVE: Duration = Duration::from_millis(100);

/// The store. Cheap to clone; all clones share their connections.
#[derive(Debug, Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    snapshots: SeenSnapshots,
    workflow_definitions: KnownDefinitions,
}

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The server cannot be reached, or a connection broke; trying again later may help.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// The disk is full or read-only, in the words of the database; the failure itself has no others to add.
    #[error("the database cannot write: {0}")]
    CannotWrite(String, sqlx::Error),
    /// A row holds what this version cannot read.
    #[error("table `{table}`, column `{column}`, row `{row}` cannot be read: {reason}")]
    Unreadable {
        /// Where.
        table: &'static str,
        /// Where.
        column: &'static str,
        /// Which.
        row: String,
        /// Why.
        reason: String,
    },
    /// The schema is older or newer than this binary.
    #[error("the database's schema does not fit this version")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// Anything else that the database refused.
    #[error("the database refused a statement")]
    Refused(#[source] sqlx::Error),
}

impl Store {
    /// Connects, waiting for the server as `options` say. Does not migrate.
    pub async fn connect(options: &StoreOptions) -> Result<Self, StoreError> {
        let db = match options {
            StoreOptions::Sqlite { path } => Db::Lite(Lite::open(path).await.map_err(fault)?),
            StoreOptions::Postgres {
                url,
                max_connections,
                connect_deadline,
            } => Db::Pg(connect_postgres(url, *max_connections, *connect_deadline).await?),
        };
        Ok(Self {
            inner: Arc::new(Inner {
                db,
                snapshots: SeenSnapshots::default(),
                workflow_definitions: KnownDefinitions::default(),
            }),
        })
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) fn seen_snapshots(&self) -> &SeenSnapshots {
        &self.inner.snapshots
    }

    pub(crate) fn known_workflow_definitions(&self) -> &KnownDefinitions {
        &self.inner.workflow_definitions
    }

    /// Brings the schema up to date; safe with many processes at once. Returns how many migrations were applied.
    /// Also makes the partitions of the coming days (PostgreSQL).
    pub async fn migrate(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let before = self.applied_migrations().await?;
        match self.db() {
            Db::Pg(pool) => POSTGRES_MIGRATIONS
                .run(pool)
                .await
                .map_err(migration_fault)?,
            Db::Lite(lite) => migrate_sqlite(lite).await?,
        }
        let after = self.applied_migrations().await?;
        self.prepare_partitions(now).await?;
        Ok(after.saturating_sub(before))
    }

    /// How many migrations the database has seen.
    async fn applied_migrations(&self) -> Result<usize, StoreError> {
        let table = match self.db() {
            Db::Pg(_) => {
                "select count(*) from pg_tables where tablename = '_sqlx_migrations' \
                          and schemaname = current_schema()"
            }
            Db::Lite(_) => "select count(*) from sqlite_master where name = '_sqlx_migrations'",
        };
        if self.number(Sql::new(table, vec![])).await? == 0 {
            return Ok(0);
        }
        let applied = self
            .number(Sql::new("select count(*) from _sqlx_migrations", vec![]))
            .await?;
        Ok(usize::try_from(applied).unwrap_or(usize::MAX))
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.number(Sql::new("select cast(1 as bigint)", vec![]))
            .await
            .map(|_| ())
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn backend(&self) -> &'static str {
        match self.db() {
            Db::Pg(_) => "postgres",
            Db::Lite(_) => "sqlite",
        }
    }

    /// Waits for what is under way and closes the connections.
    pub async fn close(&self) {
        match self.db() {
            Db::Pg(pool) => pool.close().await,
            Db::Lite(lite) => lite.close().await,
        }
    }
}

async fn connect_postgres(
    url: &str,
    max_connections: u32,
    deadline: Option<Duration>,
) -> Result<PgPool, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(StoreError::Refused)?;
    let options = options
        .application_name("petrel")
        .statement_cache_capacity(256)
        // Plans made for the values at hand look only at the partitions that these are in.
        .options([("plan_cache_mode", "force_custom_plan")])
        .disable_statement_logging();
    let pool = PgPoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(
                async move { Ok(about.idle_for < SURELY_ALIVE || connection.ping().await.is_ok()) },
            )
        });
    let started = Instant::now();
    let mut wait = Duration::from_millis(100);
    loop {
        // A connection of its own: the pool would go on trying for itself and hide the reason.
        let error = match PgConnection::connect_with(&options).await {
            Ok(connection) => {
                // Whatever goes wrong with saying goodbye, the server has answered.
                connection.close().await.ok();
                return Ok(pool.connect_lazy_with(options));
            }
            Err(error) => error,
        };
        if deadline.is_some_and(|deadline| started.elapsed() + wait > deadline) {
            return Err(StoreError::Unavailable(error));
        }
        tracing::warn!(
            "the database at {}:{} cannot be reached ({}); trying again in {:.1}s",
            options.get_host(),
            options.get_port(),
            chain(&error),
            wait.as_secs_f64()
        );
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

fn chain(error: &Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}

/// SQLite has no lock for migrations: of two processes that start at once one may find a table made under its
/// hands. Looking again finds the migration applied.
async fn migrate_sqlite(lite: &Lite) -> Result<(), StoreError> {
    let mut attempt = 0;
    loop {
        let mut writer = lite.exclusive().await.map_err(fault)?;
        let outcome = SQLITE_MIGRATIONS.run(writer.connection()).await;
        drop(writer);
        match outcome {
            Ok(()) => return Ok(()),
            Err(MigrateError::Execute(_) | MigrateError::ExecuteMigration(..)) if attempt < 10 => {
                attempt += 1;
            }
            Err(error) => return Err(migration_fault(error)),
        }
        tokio::time::sleep(Duration::from_millis(20 << attempt.min(5))).await;
    }
}

/// A broken connection or a full disk is told as such, not as a schema that does not fit.
fn migration_fault(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => {
            match fault(source) {
                StoreError::Refused(source) => StoreError::Migration(MigrateError::Execute(source)),
                known => known,
            }
        }
        other => StoreError::Migration(other),
    }
}
