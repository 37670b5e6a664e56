//! Actions and runners as they were when executions were requested.

use model::{Action, ActionSnapshot, RunnerType};

use crate::{Store, StoreError};

impl Store {
    /// The snapshot of this content, stored if it is new; a content once seen by this process costs no statement.
    pub async fn snapshot_of(&self, action: &Action, runner: &RunnerType) -> Result<ActionSnapshot, StoreError> {
        unimplemented!("{action:?} {runner:?}")
    }

    /// The snapshot under this key, from memory where it was seen before.
    pub async fn snapshot(&self, key: &str) -> Result<Option<std::sync::Arc<ActionSnapshot>>, StoreError> {
        unimplemented!("{key}")
    }
}
