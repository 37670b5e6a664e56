//! Where packs lie. The content of a pack that was installed is unpacked here where it is not there yet.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use archive::{ArchiveError, Content};
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
    /// Its content is lost.
    #[error(
        "the content of pack `{0}` is neither in its folder nor in the store: install the pack again"
    )]
    NoContent(String),
    /// Its content cannot be unpacked.
    #[error("the content of pack `{pack}` cannot be unpacked to `{}`: each node must be able to write below the data folder of the one that it was installed through", folder.display())]
    Unpack {
        /// The pack.
        pack: String,
        /// Where it was to be.
        folder: PathBuf,
        /// Why not.
        #[source]
        source: ArchiveError,
    },
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
        self.unpack_missing(pack, &folder).await?;
        self.known.lock().insert(pack.to_owned(), folder.clone());
        Ok(folder)
    }

    /// What an installed pack was installed from, as whoever asked for it said; `None` for others.
    pub async fn origin(&self, pack: &str) -> Result<Option<String>, PackError> {
        let origin = self.store.pack_origin(pack).await;
        origin.map_err(|error| PackError::Store(pack.to_owned(), error))
    }

    /// The versions that the virtualenv of an installed pack was built with first, wherever that was.
    pub async fn pins(&self, pack: &str) -> Option<String> {
        match self.store.pack_install(pack).await {
            Ok(install) => install?.pins,
            Err(error) => {
                tracing::warn!(pack, "the versions of its libraries are not known: {error}");
                None
            }
        }
    }

    /// Keeps the versions that the virtualenv of the pack in this folder was built with, where it is the first.
    pub async fn keep_pins(&self, pack: &str, folder: &Path, pins: &str) {
        let kept = async {
            let install = self.store.pack_install(pack).await?;
            match install.filter(|install| Path::new(&install.path) == folder) {
                Some(install) => self.store.keep_pack_pins(pack, &install.hash, pins).await,
                None => Ok(false),
            }
        };
        if let Err(error) = kept.await {
            tracing::warn!(pack, "the versions of its libraries are not kept: {error}");
        }
    }

    /// Unpacks the content that is in force, if it was installed and is not there.
    async fn unpack_missing(&self, pack: &str, folder: &Path) -> Result<(), PackError> {
        let store = |error| PackError::Store(pack.to_owned(), error);
        if tokio::fs::try_exists(folder).await.unwrap_or(false) {
            return Ok(());
        }
        let Some(install) = self.store.pack_install(pack).await.map_err(store)? else {
            return Ok(());
        };
        let archive = self.store.pack_archive(pack, Some(&install.hash)).await;
        let archive = archive.map_err(store)?;
        let body = archive
            .ok_or_else(|| PackError::NoContent(pack.to_owned()))?
            .body;
        let to = folder.to_owned();
        let unpack = move || {
            let written = Content::of_archive(&body)?.write_to(&to);
            remove_old(&to);
            written
        };
        tokio::task::spawn_blocking(unpack)
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
            .map_err(|source| PackError::Unpack {
                pack: pack.to_owned(),
                folder: folder.to_owned(),
                source,
            })?;
        tracing::info!(pack, "the pack's content is in {}", folder.display());
        Ok(())
    }
}

/// Removes what is left of a pack's older contents beside the one in `current`, but the last: executions of it may
/// still run.
fn remove_old(current: &Path) {
    let (Some(name), Some(all)) = (current.file_name(), current.parent().and_then(Path::parent))
    else {
        return;
    };
    let entries = std::fs::read_dir(all).into_iter().flatten();
    let folders = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path().join(name))
        .filter(|folder| folder != current && folder.is_dir());
    let age = |folder: &PathBuf| folder.metadata().and_then(|found| found.modified()).ok();
    let mut folders: Vec<PathBuf> = folders.collect();
    folders.sort_by_key(age);
    folders.pop();
    for folder in folders {
        if let Err(error) = std::fs::remove_dir_all(&folder) {
            tracing::warn!("`{}` cannot be removed: {error}", folder.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use model::IdSource;
    use serde_json::json;
    use store::{PackArchive, PackContent, StoreOptions};

    use super::*;

    async fn installed(place: &Path) -> (Store, PathBuf) {
        let path = place.join("store.db");
        let options = StoreOptions::Sqlite { path };
        let store = Store::connect(&options).await.unwrap();
        let now = chrono::DateTime::UNIX_EPOCH;
        store.migrate(now).await.unwrap();
        let from = place.join("from");
        std::fs::create_dir(&from).unwrap();
        std::fs::write(from.join("pack.yaml"), "name: demo\n").unwrap();
        let archive = PackArchive {
            pack: "demo".into(),
            hash: "h".into(),
            source: String::new(),
            body: Content::of_folder(&from).unwrap().to_archive().unwrap(),
        };
        store.add_pack_archive(&archive, now).await.unwrap();
        let folder = place.join("packs/h/demo");
        let id: model::PackId = IdSource::new().next(now);
        let pack = serde_json::from_value(json!({
            "id": id, "ref": "demo", "uid": "pack:demo", "name": "demo", "path": folder,
        }));
        let content = PackContent {
            installed: Some("h".into()),
            ..PackContent::of(pack.unwrap())
        };
        store.register_pack(&content).await.unwrap();
        (store, folder)
    }

    #[tokio::test]
    async fn unpacks_what_was_installed_elsewhere() {
        let place = tempfile::tempdir().unwrap();
        let (store, folder) = installed(place.path()).await;
        for old in ["a", "b"] {
            std::fs::create_dir_all(place.path().join("packs").join(old).join("demo")).unwrap();
        }
        let folders = PackFolders::new(store);

        assert_eq!(folders.folder("demo").await.unwrap(), folder);

        assert!(folder.join("pack.yaml").is_file());
        let left = ["a", "b"].map(|old| place.path().join("packs").join(old).join("demo").exists());
        assert_eq!(left.iter().filter(|left| **left).count(), 1);
    }

    #[tokio::test]
    async fn says_where_content_cannot_be_unpacked() {
        let place = tempfile::tempdir().unwrap();
        let (store, folder) = installed(place.path()).await;
        std::fs::write(place.path().join("packs"), "a file").unwrap();

        let error = PackFolders::new(store).folder("demo").await.unwrap_err();

        let expected = format!(
            "the content of pack `demo` cannot be unpacked to `{}`: each node must",
            folder.display()
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
    }

    #[tokio::test]
    async fn keeps_the_versions_of_the_first_virtualenv() {
        let place = tempfile::tempdir().unwrap();
        let (store, folder) = installed(place.path()).await;
        let folders = PackFolders::new(store);

        folders.keep_pins("demo", &folder, "six==1").await;
        folders.keep_pins("demo", &folder, "six==2").await;

        assert_eq!(folders.pins("demo").await.as_deref(), Some("six==1"));
    }
}
