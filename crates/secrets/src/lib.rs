//! Encrypts what must not be read at rest, under a key file.
//!
//! AES-256-GCM with a fresh nonce for each value. The sealed form is text, so that it fits wherever the value stood.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

/// What stands in every answer, log and message in place of a secret.
pub const MASK: &str = "********";

/// Seals and opens secrets under one key. Cheap to clone; its `Debug` shows no key.
#[derive(Clone)]
pub struct Vault {
    key: Arc<[u8; 32]>,
}

/// Why the key file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It cannot be read or made.
    #[error("key file `{0}` cannot be read or made")]
    Io(PathBuf, #[source] std::io::Error),
    /// It holds something else.
    #[error("key file `{0}` holds no key: one line of 44 base64 characters is expected")]
    Malformed(PathBuf),
    /// Others may read it.
    #[error("key file `{0}` can be read by others: run `chmod 600 {0}`")]
    Exposed(PathBuf),
}

/// Why a sealed value cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The text is not of the sealed form.
    #[error("the value is not encrypted")]
    NotSealed,
    /// Another key sealed it, or it was damaged.
    #[error("the value was encrypted under another key, or was damaged")]
    WrongKey,
}

impl Vault {
    /// Reads the key file, or makes it (mode 600) with a fresh key where there is none.
    pub fn open_or_create(path: &Path) -> Result<Self, KeyFileError> {
        unimplemented!("{path:?}")
    }

    /// A vault with a key of its own that is nowhere kept (tests).
    #[must_use]
    pub fn ephemeral() -> Self {
        unimplemented!()
    }

    /// Seals a text: `petrel:1:` and base64 of nonce and ciphertext.
    #[must_use]
    pub fn seal(&self, text: &str) -> String {
        unimplemented!("{text}{}", self.key.len())
    }

    /// Opens what `seal` made.
    pub fn open(&self, sealed: &str) -> Result<String, OpenError> {
        unimplemented!("{sealed}")
    }

    /// Whether a text has the sealed form.
    #[must_use]
    pub fn is_sealed(text: &str) -> bool {
        unimplemented!("{text}")
    }

    /// Seals any JSON value as a text that remembers its type.
    #[must_use]
    pub fn seal_value(&self, value: &Value) -> Value {
        unimplemented!("{value}")
    }

    /// Opens what `seal_value` made; any other value is returned as it is.
    pub fn open_value(&self, value: &Value) -> Result<Value, OpenError> {
        unimplemented!("{value}")
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}
