//! Datastore items.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::KeyId;

/// Whom an item belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "scope", content = "user")]
pub enum KeyScope {
    /// Everybody: `st2kv.system`.
    System,
    /// One user: `st2kv.user`.
    User(String),
}

impl KeyScope {
    /// `st2kv.system` or `st2kv.user`, as the API shows it.
    #[must_use]
    pub fn wire_name(&self) -> &'static str {
        match self {
            Self::System => "st2kv.system",
            Self::User(_) => "st2kv.user",
        }
    }

    /// The user of a user's scope, else the empty text; part of the key in the store.
    #[must_use]
    pub fn owner(&self) -> &str {
        match self {
            Self::System => "",
            Self::User(user) => user,
        }
    }
}

/// One item of the datastore.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeyValue {
    /// Its id.
    pub id: KeyId,
    /// Whom it belongs to.
    pub scope: KeyScope,
    /// Its name, unique in the scope.
    pub name: String,
    /// Its value; what the crate `secrets` made of it where `is_secret`.
    pub value: String,
    /// Whether `value` is encrypted.
    pub is_secret: bool,
    /// When it goes away.
    #[serde(default)]
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last written.
    pub updated_at: DateTime<Utc>,
}
