//! Actions and runners as they were when executions were requested.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use model::{Action, ActionSnapshot, RunnerType};

use crate::decode::{Place, to_json};
use crate::digest::digest;
use crate::sql::{Sql, args};
use crate::{Store, StoreError};

/// How many snapshots a process remembers; beyond, it forgets all and begins again.
const REMEMBERED: usize = 4096;

/// Snapshots that this process has stored or read.
#[derive(Debug, Default)]
pub(crate) struct SeenSnapshots {
    by_key: RwLock<HashMap<String, Arc<ActionSnapshot>>>,
}

impl SeenSnapshots {
    fn get(&self, key: &str) -> Option<Arc<ActionSnapshot>> {
        self.by_key
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .cloned()
    }

    fn remember(&self, snapshot: Arc<ActionSnapshot>) {
        let mut by_key = self.by_key.write().unwrap_or_else(PoisonError::into_inner);
        if by_key.len() >= REMEMBERED {
            by_key.clear();
        }
        by_key.insert(snapshot.key.clone(), snapshot);
    }
}

impl Store {
    /// The snapshot of this content, stored if it is new; a content once seen by this process costs no statement.
    pub async fn snapshot_of(
        &self,
        action: &Action,
        runner: &RunnerType,
    ) -> Result<ActionSnapshot, StoreError> {
        let key = digest(format!("{}\n{}", to_json(action), to_json(runner)).as_bytes());
        if let Some(seen) = self.seen_snapshots().get(&key) {
            return Ok(ActionSnapshot::clone(&seen));
        }
        let snapshot = ActionSnapshot {
            key,
            action: action.clone(),
            runner: runner.clone(),
        };
        let sql = Sql::new(
            "insert into action_snapshots (key, body) values (?, ?) on conflict (key) do nothing returning key",
            args![&snapshot.key, to_json(&snapshot)],
        );
        self.write_rows::<(String,)>(sql).await?;
        self.seen_snapshots().remember(Arc::new(snapshot.clone()));
        Ok(snapshot)
    }

    /// The snapshot under this key, from memory where it was seen before.
    pub async fn snapshot(&self, key: &str) -> Result<Option<Arc<ActionSnapshot>>, StoreError> {
        if let Some(seen) = self.seen_snapshots().get(key) {
            return Ok(Some(seen));
        }
        let row: Option<(String,)> = self
            .first_row(Sql::new(
                "select body from action_snapshots where key = ?",
                args![key],
            ))
            .await?;
        let Some((body,)) = row else { return Ok(None) };
        let snapshot: ActionSnapshot = Place {
            table: "action_snapshots",
            row: key,
        }
        .json("body", &body)?;
        let snapshot = Arc::new(snapshot);
        self.seen_snapshots().remember(Arc::clone(&snapshot));
        Ok(Some(snapshot))
    }
}
