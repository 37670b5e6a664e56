//! Keeping history in bounds.

use chrono::{DateTime, Utc};

use model::ObjectId;

use crate::sql::{Sql, args};
use crate::tx::Dialect;
use crate::{Store, StoreError};

/// Rows that one transaction removes at most.
const BATCH: i64 = 2_000;

/// A table, its key, and which rows may go.
struct Aged {
    table: &'static str,
    key: &'static str,
    goes: Goes,
}

/// Which rows of a table may go, once they are old enough.
enum Goes {
    /// Those that meet a condition.
    If(&'static str),
    /// Those of executions that are in no [`KEPT`].
    WithItsExecution,
}

const EVENTS: [Aged; 3] = [
    Aged {
        table: "enforcements",
        key: "id",
        goes: Goes::If("true"),
    },
    Aged {
        table: "trigger_instances",
        key: "id",
        goes: Goes::If("status <> 'pending'"),
    },
    Aged {
        table: "traces",
        key: "id",
        goes: Goes::If("true"),
    },
];

/// What hangs on an execution goes before it does: should the process end between, none is left over.
const EXECUTIONS: [Aged; 5] = [
    Aged {
        table: "execution_output",
        key: "execution_id",
        goes: Goes::WithItsExecution,
    },
    Aged {
        table: "execution_results",
        key: "execution_id",
        goes: Goes::WithItsExecution,
    },
    Aged {
        table: "workflow_records",
        key: "execution_id",
        goes: Goes::WithItsExecution,
    },
    Aged {
        table: "workflows",
        key: "execution_id",
        goes: Goes::WithItsExecution,
    },
    Aged {
        table: "executions",
        key: "id",
        goes: Goes::WithItsExecution,
    },
];

/// The executions before a time (its id is the only argument) that have not ended, and all that were asked for by these,
/// however deep: a workflow that goes on may still want what its tasks came to, and who looks at it wants to see them.
pub(crate) const KEPT: &str = "with recursive kept (id) as \
     (select id from executions where open = 1 and id < ? \
      union select child.id from executions child join kept on child.parent_id = kept.id) ";

const AUDIT: [Aged; 1] = [Aged {
    table: "audit_entries",
    key: "id",
    goes: Goes::If("true"),
}];

/// How far back history is kept. `None` keeps it for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Retention {
    /// Trigger instances and enforcements.
    pub events_before: Option<DateTime<Utc>>,
    /// Executions that have ended, their results and output, and the records of workflows. What a workflow that has not
    /// ended asked for stays with it.
    pub executions_before: Option<DateTime<Utc>>,
    /// The audit log.
    pub audit_before: Option<DateTime<Utc>>,
}

impl Store {
    /// Drops what is older: whole partitions on PostgreSQL (never one that holds an execution to be kept or a pending
    /// trigger instance), bounded batches on SQLite and for what lies outside PostgreSQL's daily partitions. Returns
    /// how many rows or partitions went.
    pub async fn apply_retention(&self, retention: &Retention) -> Result<u64, StoreError> {
        let mut gone = 0;
        for (before, tables) in [
            (retention.events_before, EVENTS.as_slice()),
            (retention.executions_before, EXECUTIONS.as_slice()),
            (retention.audit_before, AUDIT.as_slice()),
        ] {
            let Some(before) = before else { continue };
            let names: Vec<&'static str> = tables.iter().map(|aged| aged.table).collect();
            gone += self.drop_partitions(&names, before).await?;
            for aged in tables {
                gone += self.delete_aged(aged, before).await?;
            }
        }
        Ok(gone)
    }

    async fn delete_aged(&self, aged: &Aged, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let Aged { table, key, goes } = aged;
        // On PostgreSQL daily partitions go as a whole; what lies in none of them goes row by row.
        let (table, row) = match self.dialect() {
            Dialect::Postgres => (format!("{table}_default"), "ctid"),
            Dialect::Sqlite => (
                (*table).to_owned(),
                if *table == "execution_output" {
                    *key
                } else {
                    "rowid"
                },
            ),
        };
        let oldest_kept = ObjectId::floor(before).to_string();
        let (with, condition, mut arguments) = match goes {
            Goes::If(condition) => ("", (*condition).to_owned(), args![]),
            Goes::WithItsExecution => (
                KEPT,
                format!("{key} not in (select id from kept)"),
                args![&oldest_kept],
            ),
        };
        arguments.extend(args![&oldest_kept, BATCH]);
        let text = format!(
            "{with}delete from {table} where {row} in \
             (select {row} from {table} where {key} < ? and {condition} order by {key} limit ?)"
        );
        let mut gone = 0;
        loop {
            let mut tx = self.write().await?;
            let outcome = tx.run(Sql::new(&text, arguments.clone())).await;
            let removed = tx.end(outcome).await?;
            gone += removed;
            if removed == 0 {
                return Ok(gone);
            }
        }
    }
}
