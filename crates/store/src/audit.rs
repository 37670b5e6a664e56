//! The audit log.

use model::{AuditEntry, Page, PageOf};

use crate::{Store, StoreError};

/// Which entries are wanted. Absent members do not restrict.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By this user.
    pub user: Option<String>,
    /// About this kind of resource.
    pub resource_kind: Option<String>,
    /// About this resource.
    pub resource: Option<String>,
}

impl Store {
    /// Adds entries.
    pub async fn add_audit_entries(&self, entries: &[AuditEntry]) -> Result<(), StoreError> {
        unimplemented!("{entries:?}")
    }

    /// A page of entries, newest first.
    pub async fn audit_entries(&self, filter: &AuditFilter, page: Page) -> Result<PageOf<AuditEntry>, StoreError> {
        unimplemented!("{filter:?} {page:?}")
    }
}
