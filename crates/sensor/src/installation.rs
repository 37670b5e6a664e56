//! Notices that a virtualenv was built anew, or that something was installed into it.

use std::collections::BTreeSet;
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A virtualenv, and what a process that runs from it has found there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Installation {
    virtualenv: PathBuf,
    fingerprint: u64,
}

impl Installation {
    /// Of what is there now.
    pub(crate) async fn of(virtualenv: &Path) -> Self {
        let virtualenv = virtualenv.to_owned();
        let look = move || {
            let fingerprint = fingerprint(&virtualenv);
            Self {
                virtualenv,
                fingerprint,
            }
        };
        tokio::task::spawn_blocking(look)
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }

    /// Whether it is there no more as it was found.
    async fn is_outdated(&self) -> bool {
        *self != Self::of(&self.virtualenv).await
    }
}

/// Those of them that are there no more as they were found; each is looked at once, however many run from it.
pub(crate) async fn outdated(all: BTreeSet<Installation>) -> BTreeSet<Installation> {
    let mut outdated = BTreeSet::new();
    for installation in all {
        if installation.is_outdated().await {
            outdated.insert(installation);
        }
    }
    outdated
}

/// Where it really lies (each build has a folder of its own), and what is installed there. The folder's own time is of
/// no use: Python changes it when it keeps a compiled module.
fn fingerprint(virtualenv: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    fs::canonicalize(virtualenv).ok().hash(&mut hasher);
    time(&virtualenv.join("pyvenv.cfg")).hash(&mut hasher);
    for version in entries(&virtualenv.join("lib")) {
        for entry in entries(&version.join("site-packages")) {
            let is_record = entry
                .extension()
                .is_some_and(|extension| extension == "dist-info" || extension == "egg-link");
            if is_record {
                time(&entry).hash(&mut hasher);
                entry.hash(&mut hasher);
            }
        }
    }
    hasher.finish()
}

fn time(path: &Path) -> Option<(i64, i64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.mtime(), metadata.mtime_nsec()))
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn virtualenv(at: &Path) {
        fs::create_dir_all(at.join("lib/python3.11/site-packages/six-1.0.dist-info")).unwrap();
        fs::write(at.join("pyvenv.cfg"), "").unwrap();
    }

    #[tokio::test]
    async fn notices_what_is_installed() {
        let folder = tempfile::tempdir().unwrap();
        virtualenv(folder.path());
        let before = Installation::of(folder.path()).await;
        let packages = folder.path().join("lib/python3.11/site-packages");

        fs::create_dir(packages.join("__pycache__")).unwrap();
        assert!(!before.is_outdated().await);

        fs::create_dir(packages.join("yaml-2.0.dist-info")).unwrap();
        assert!(before.is_outdated().await);
    }

    #[tokio::test]
    async fn notices_another_build() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("one"), folder.path().join("other"));
        virtualenv(&one);
        virtualenv(&other);
        let link = folder.path().join("current");
        symlink(&one, &link).unwrap();
        let before = Installation::of(&link).await;

        fs::remove_file(&link).unwrap();
        symlink(&other, &link).unwrap();

        assert!(before.is_outdated().await);
    }
}
