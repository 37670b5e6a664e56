//! The datastore: keys and values.

use chrono::{DateTime, Utc};
use model::{KeyScope, KeyValue, Page, PageOf};

use crate::{Store, StoreError};

/// Which items are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct KeyFilter {
    /// Of these scopes; all scopes where empty.
    pub scopes: Vec<KeyScope>,
    /// Of the system's scope and all users'.
    pub all_users: bool,
    /// Whose name starts so.
    pub prefix: Option<String>,
    /// With this name.
    pub name: Option<String>,
}

impl Store {
    /// Stores an item under scope and name, keeping the id of what it replaces. Returns what it replaced (if that
    /// had not expired).
    pub async fn put_key(&self, item: &KeyValue) -> Result<Option<KeyValue>, StoreError> {
        unimplemented!("{}", item.name)
    }

    /// One item, unless it has expired.
    pub async fn key(&self, scope: &KeyScope, name: &str, now: DateTime<Utc>) -> Result<Option<KeyValue>, StoreError> {
        unimplemented!("{scope:?} {name} {now}")
    }

    /// A page of items that have not expired, sorted by name.
    pub async fn keys(
        &self,
        filter: &KeyFilter,
        page: Page,
        now: DateTime<Utc>,
    ) -> Result<PageOf<KeyValue>, StoreError> {
        unimplemented!("{filter:?} {page:?} {now}")
    }

    /// Removes an item and returns it.
    pub async fn delete_key(&self, scope: &KeyScope, name: &str) -> Result<Option<KeyValue>, StoreError> {
        unimplemented!("{scope:?} {name}")
    }

    /// Removes and returns items that expired before `now`.
    pub async fn expire_keys(&self, now: DateTime<Utc>) -> Result<Vec<KeyValue>, StoreError> {
        unimplemented!("{now}")
    }
}
