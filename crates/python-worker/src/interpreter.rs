//! Which Python runs a pack's code.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::Pythons;

/// A Python, and what must not have changed for a process of it to be of use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Interpreter {
    /// What is run.
    pub program: PathBuf,
    /// The virtualenv that it belongs to.
    pub virtualenv: Option<PathBuf>,
    /// When it was made, and when something was installed into it last: times of folders and files, nanoseconds.
    stamps: Vec<(i64, i64)>,
}

impl Interpreter {
    /// The Python of a virtualenv; the machine's where there is none.
    pub async fn of_virtualenv(virtualenv: Option<PathBuf>, options: &Pythons) -> Self {
        match virtualenv {
            Some(virtualenv) => Self {
                stamps: stamps(&virtualenv).await,
                program: virtualenv.join("bin/python"),
                virtualenv: Some(virtualenv),
            },
            None => Self {
                program: options.interpreter.clone(),
                virtualenv: None,
                stamps: Vec::new(),
            },
        }
    }

    /// The environment with the virtualenv's programs first.
    #[must_use]
    pub fn path(&self, environment: &BTreeMap<OsString, OsString>) -> Option<OsString> {
        let virtualenv = self.virtualenv.as_ref()?;
        let rest = environment.get(OsStr::new("PATH")).cloned();
        let rest = rest.unwrap_or_default();
        let folders = std::iter::once(virtualenv.join("bin")).chain(env::split_paths(&rest));
        env::join_paths(folders).ok()
    }
}

/// Times that change when the virtualenv is made anew or something is installed into it.
async fn stamps(virtualenv: &Path) -> Vec<(i64, i64)> {
    let virtualenv = virtualenv.to_owned();
    tokio::task::spawn_blocking(move || look_at(&virtualenv))
        .await
        .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
}

fn look_at(virtualenv: &Path) -> Vec<(i64, i64)> {
    let mut paths = vec![virtualenv.join("pyvenv.cfg")];
    if let Ok(entries) = fs::read_dir(virtualenv.join("lib")) {
        let entries = entries.filter_map(Result::ok);
        paths.extend(entries.map(|entry| entry.path().join("site-packages")));
    }
    paths.sort();
    let stamps = paths.iter().filter_map(|path| fs::metadata(path).ok());
    stamps
        .map(|metadata| (metadata.mtime(), metadata.mtime_nsec()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn of_virtualenv(folder: Option<PathBuf>) -> Interpreter {
        let options = Pythons {
            interpreter: "python3".into(),
            ..Pythons::default()
        };
        Interpreter::of_virtualenv(folder, &options).await
    }

    #[tokio::test]
    async fn takes_the_packs_virtualenv() {
        let found = of_virtualenv(Some("/v/p".into())).await;

        assert_eq!(found.program, Path::new("/v/p/bin/python"));
        let inherited = BTreeMap::from([("PATH".into(), "/usr/bin".into())]);
        assert_eq!(found.path(&inherited), Some("/v/p/bin:/usr/bin".into()));
    }

    #[tokio::test]
    async fn takes_the_machines_where_nothing_must_be_installed() {
        let found = of_virtualenv(None).await;

        assert_eq!(found.program, Path::new("python3"));
        assert_eq!(found.path(&BTreeMap::new()), None);
    }

    #[tokio::test]
    async fn notices_what_is_installed_into_a_virtualenv() {
        let folder = tempfile::tempdir().unwrap();
        let packages = folder.path().join("lib/python3.11/site-packages");
        fs::create_dir_all(&packages).unwrap();
        let before = of_virtualenv(Some(folder.path().to_owned())).await;

        let file = fs::File::open(packages).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();

        let after = of_virtualenv(Some(folder.path().to_owned())).await;
        assert_ne!(before, after);
    }
}
