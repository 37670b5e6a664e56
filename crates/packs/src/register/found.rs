//! Looks at the folders of packs: reads what may have changed, and passes over the rest.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use model::IdSource;
use store::{PackFiles, Store, StoreError};

use super::RegisterOptions;
use crate::layout::find_packs;
use crate::{Catalog, PackReading, Reader, fingerprint, overrides, parallel};

/// A folder of a pack.
pub(super) enum Found {
    /// It is as it was when this pack was registered from it.
    Unchanged(String, PathBuf),
    /// It was read.
    Read(Box<PackReading>, PackFiles),
}

/// The file that configures a pack.
pub(super) fn config_file(folder: &Path, pack: &str) -> PathBuf {
    folder.join(format!("{pack}.yaml"))
}

/// What is looked for, and what is known already. Owned, so that it can be handed to a thread.
#[derive(Debug)]
pub(super) struct Search {
    folders: Vec<PathBuf>,
    configs: Option<PathBuf>,
    overrides: Option<PathBuf>,
    /// The packs that were registered wholly, by folder, where they are to be passed over.
    registered: HashMap<String, (String, PackFiles)>,
    catalog: Catalog,
    now: DateTime<Utc>,
}

impl Search {
    pub(super) async fn new(
        store: &Store,
        folders: Vec<PathBuf>,
        options: &RegisterOptions<'_>,
    ) -> Result<Self, StoreError> {
        let registered = if options.keep_unchanged {
            store.registered_files().await?
        } else {
            Vec::new()
        };
        let by_folder = registered
            .into_iter()
            .map(|(pack, files)| (files.folder.clone(), (pack, files)));
        Ok(Self {
            folders,
            configs: options.configs.map(Path::to_owned),
            overrides: options.overrides(),
            registered: by_folder.collect(),
            catalog: Catalog::of_store(store).await?,
            now: options.now,
        })
    }

    /// Runs it, on threads of its own: reading thousands of files would hold up whatever else the runtime has to do.
    pub(super) async fn run(self) -> Vec<Found> {
        tokio::task::spawn_blocking(move || self.look())
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// In the order of the folders.
    fn look(mut self) -> Vec<Found> {
        let packs = self.folders.iter().flat_map(|folder| find_packs(folder));
        let packs: Vec<PathBuf> = packs
            .map(|folder| std::path::absolute(&folder).unwrap_or(folder))
            .collect();
        let looks = parallel::each(&packs, |folder| self.unchanged(folder));
        let ids = IdSource::new();
        let to_read: Vec<(&PathBuf, &String)> = packs
            .iter()
            .zip(&looks)
            .filter_map(|(folder, look)| Some((folder, look.as_ref().err()?)))
            .collect();
        let folders: Vec<&Path> = to_read.iter().map(|(folder, _)| folder.as_path()).collect();
        self.catalog.learn(&folders, &ids, self.now);
        let reader = Reader {
            catalog: &self.catalog,
            ids: &ids,
            now: self.now,
            overrides: self.overrides.as_deref(),
        };
        let mut readings = parallel::each(&to_read, |(folder, fingerprint)| {
            let reading = reader.read(folder);
            let files = self.files(folder, fingerprint, &reading.definitions.pack.pack_ref);
            Found::Read(Box::new(reading), files)
        })
        .into_iter();
        let mut found = Vec::new();
        for (folder, look) in packs.iter().zip(&looks) {
            match look {
                Ok(pack) => found.push(Found::Unchanged(pack.clone(), folder.clone())),
                Err(_) => found.extend(readings.next()),
            }
        }
        found
    }

    /// The pack of a folder that did not change; else what the folder's files look like now.
    fn unchanged(&self, folder: &Path) -> Result<String, String> {
        let fingerprint = fingerprint::of_folder(folder);
        match self.registered.get(&folder.display().to_string()) {
            Some((pack, files)) if *files == self.files(folder, &fingerprint, pack) => {
                Ok(pack.clone())
            }
            _ => Err(fingerprint),
        }
    }

    /// The files of a pack: those in its folder, and its configuration.
    fn files(&self, folder: &Path, fingerprint: &str, pack: &str) -> PackFiles {
        let config = self.configs.as_ref();
        let config = config.map(|configs| fingerprint::of_file(&config_file(configs, pack)));
        let mut fingerprint = format!("{fingerprint} {}", config.unwrap_or_default());
        let overrides = self.overrides.iter();
        for file in overrides.flat_map(|folder| overrides::files(folder, pack)) {
            fingerprint.push_str(&fingerprint::of_file(&file));
        }
        PackFiles {
            folder: folder.display().to_string(),
            fingerprint,
        }
    }
}
