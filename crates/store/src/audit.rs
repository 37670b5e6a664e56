//! The audit log.

use model::{AuditEntry, Page, PageOf};

use crate::decode::{Place, micros, time, to_json};
use crate::listing::{Conditions, Listing};
use crate::sql::{Arg, args};
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
        if entries.is_empty() {
            return Ok(());
        }
        let rows = entries.iter().map(entry_args).collect();
        let writes = self
            .dialect()
            .new_rows(&format!("audit_entries ({COLUMNS})"), rows);
        self.write_together(writes).await
    }

    /// A page of entries, newest first.
    pub async fn audit_entries(
        &self,
        filter: &AuditFilter,
        page: Page,
    ) -> Result<PageOf<AuditEntry>, StoreError> {
        let mut conditions = Conditions::new();
        conditions.equals("user_name", filter.user.as_ref());
        conditions.equals("resource_kind", filter.resource_kind.as_ref());
        conditions.equals("resource", filter.resource.as_ref());
        let listing = Listing {
            table: "audit_entries",
            columns: COLUMNS.to_owned(),
            conditions,
            older_than: None,
            oldest_first: false,
            page,
        };
        let (rows, total) = self.page::<AuditRow>(listing).await?;
        Ok(PageOf {
            items: rows
                .into_iter()
                .map(AuditRow::into_entry)
                .collect::<Result<_, _>>()?,
            total,
        })
    }
}

const COLUMNS: &str = "id, at_us, user_name, action, resource_kind, resource, details";

fn entry_args(entry: &AuditEntry) -> Vec<Arg> {
    args![
        entry.id.to_string(),
        micros(entry.at),
        &entry.user,
        to_json(&entry.action),
        &entry.resource_kind,
        &entry.resource,
        to_json(&entry.details),
    ]
}

#[derive(sqlx::FromRow)]
struct AuditRow {
    id: String,
    at_us: i64,
    user_name: String,
    action: String,
    resource_kind: String,
    resource: String,
    details: String,
}

impl AuditRow {
    fn into_entry(self) -> Result<AuditEntry, StoreError> {
        let place = Place {
            table: "audit_entries",
            row: &self.id,
        };
        Ok(AuditEntry {
            id: place.parse("id", &self.id)?,
            at: time(self.at_us),
            action: place.json("action", &self.action)?,
            details: place.json("details", &self.details)?,
            user: self.user_name,
            resource_kind: self.resource_kind,
            resource: self.resource,
        })
    }
}
