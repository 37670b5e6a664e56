//! Where packs lie.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use model::Pack;
use parking_lot::Mutex;
use store::{Store, StoreError};

/// The folders of packs, remembered until packs change. Cheap to clone.
#[derive(Debug, Clone)]
pub struct PackFolders {
    store: Store,
    known: Arc<Mutex<HashMap<String, PathBuf>>>,
}

/// Why an action's script is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PackError {
    /// There is no such pack.
    #[error("pack `{0}` is not registered: register it again, or remove the action")]
    Unknown(String),
    /// It has no folder.
    #[error("the folder of pack `{0}` is not known: register the pack again")]
    NoFolder(String),
    /// The store failed.
    #[error("the folder of pack `{0}` cannot be looked up")]
    Store(String, #[source] StoreError),
}

impl PackFolders {
    /// Those of the packs that the store knows.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self {
            store,
            known: Arc::default(),
        }
    }

    /// The script of an action: absolute as it is, else in the pack's `actions`.
    pub async fn script(&self, pack: &str, entry_point: &str) -> Result<PathBuf, PackError> {
        // `join` of an absolute path gives that path, as st2's `get_entry_point_abs_path` does.
        Ok(self.folder(pack).await?.join("actions").join(entry_point))
    }

    /// Forgets all folders: packs have changed.
    pub fn forget(&self) {
        self.known.lock().clear();
    }

    /// The folder of a pack.
    pub async fn folder(&self, pack: &str) -> Result<PathBuf, PackError> {
        if let Some(folder) = self.known.lock().get(pack) {
            return Ok(folder.clone());
        }
        let found = self
            .store
            .find::<Pack>(pack)
            .await
            .map_err(|error| PackError::Store(pack.to_owned(), error))?;
        let found = found.ok_or_else(|| PackError::Unknown(pack.to_owned()))?;
        let folder = found.path.filter(|path| !path.is_empty());
        let folder = PathBuf::from(folder.ok_or_else(|| PackError::NoFolder(pack.to_owned()))?);
        self.known.lock().insert(pack.to_owned(), folder.clone());
        Ok(folder)
    }
}
