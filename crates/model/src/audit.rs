//! The audit log: who changed what.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AuditId, Object};

/// One change that somebody made. Holds no secret values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: String,
    /// What was done.
    pub action: AuditAction,
    /// The kind of thing it was done to: `rule`, `action`, `key_value_pair`, ...
    pub resource_kind: String,
    /// Which one: a reference, or an id where it has none.
    pub resource: String,
    /// More, such as the address the request came from.
    #[serde(default)]
    pub details: Object,
}

/// What was done to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was removed.
    Delete,
    /// It was run, cancelled, re-run, re-emitted or registered.
    Execute,
}
