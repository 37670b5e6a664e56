//! Which Python runs a pack's code.

use std::collections::BTreeMap;
use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
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

/// Why a pack has no Python.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InterpreterError {
    /// It needs one.
    #[error(
        "pack `{pack}` has requirements ({requirements}) and no virtualenv: looked for {looked_for}; make one with `python3 -m venv {first} && {first}/bin/pip install -r {requirements}`"
    )]
    NoVirtualenv {
        /// The pack.
        pack: String,
        /// Its file of requirements.
        requirements: PathBuf,
        /// The folders that are none.
        looked_for: String,
        /// The one to be made.
        first: PathBuf,
    },
    /// The file system failed.
    #[error("`{0}` cannot be looked at")]
    Unreadable(PathBuf, #[source] io::Error),
}

impl Interpreter {
    /// The Python of the pack's virtualenv; the machine's where the pack needs nothing that must be installed.
    pub async fn of_pack(
        pack: &str,
        folder: &Path,
        options: &Pythons,
    ) -> Result<Self, InterpreterError> {
        let candidates: Vec<PathBuf> = options
            .virtualenvs
            .iter()
            .map(|folder| folder.join(pack))
            .collect();
        for virtualenv in &candidates {
            let program = virtualenv.join("bin/python");
            if exists(&program).await? {
                return Ok(Self {
                    stamps: stamps(virtualenv).await,
                    program,
                    virtualenv: Some(virtualenv.clone()),
                });
            }
        }
        let requirements = folder.join("requirements.txt");
        if let (true, Some(first)) = (has_requirements(&requirements).await?, candidates.first()) {
            let names: Vec<String> = candidates
                .iter()
                .map(|folder| format!("`{}`", folder.display()))
                .collect();
            return Err(InterpreterError::NoVirtualenv {
                pack: pack.to_owned(),
                requirements,
                looked_for: names.join(" and "),
                first: first.clone(),
            });
        }
        Ok(Self {
            program: options.interpreter.clone(),
            virtualenv: None,
            stamps: Vec::new(),
        })
    }

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

async fn exists(path: &Path) -> Result<bool, InterpreterError> {
    tokio::fs::try_exists(path)
        .await
        .map_err(|error| InterpreterError::Unreadable(path.to_owned(), error))
}

/// Whether a file asks for anything: many packs have an empty one.
async fn has_requirements(path: &Path) -> Result<bool, InterpreterError> {
    match tokio::fs::read_to_string(path).await {
        Ok(text) => Ok(text
            .lines()
            .map(str::trim)
            .any(|line| !line.is_empty() && !line.starts_with('#'))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(InterpreterError::Unreadable(path.to_owned(), error)),
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

    fn options(folder: &Path) -> Pythons {
        Pythons {
            virtualenvs: vec![folder.join("a"), folder.join("b")],
            interpreter: "python3".into(),
            ..Pythons::default()
        }
    }

    fn touch(path: &Path, text: &str) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    #[tokio::test]
    async fn takes_the_packs_virtualenv() {
        let folder = tempfile::tempdir().unwrap();
        touch(&folder.path().join("b/p/bin/python"), "");

        let found = Interpreter::of_pack("p", folder.path(), &options(folder.path()))
            .await
            .unwrap();

        assert_eq!(found.program, folder.path().join("b/p/bin/python"));
        let inherited = BTreeMap::from([("PATH".into(), "/usr/bin".into())]);
        let expected = format!("{}/b/p/bin:/usr/bin", folder.path().display());
        assert_eq!(found.path(&inherited), Some(expected.into()));
    }

    #[tokio::test]
    async fn notices_what_is_installed_into_a_virtualenv() {
        let folder = tempfile::tempdir().unwrap();
        touch(&folder.path().join("a/p/bin/python"), "");
        touch(
            &folder.path().join("a/p/lib/python3.11/site-packages/x.py"),
            "",
        );
        let options = options(folder.path());
        let before = Interpreter::of_pack("p", folder.path(), &options)
            .await
            .unwrap();

        let packages = folder.path().join("a/p/lib/python3.11/site-packages");
        let file = std::fs::File::open(packages).unwrap();
        file.set_modified(std::time::UNIX_EPOCH).unwrap();

        assert_ne!(
            before,
            Interpreter::of_pack("p", folder.path(), &options)
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn takes_the_machines_where_nothing_must_be_installed() {
        let folder = tempfile::tempdir().unwrap();
        touch(&folder.path().join("requirements.txt"), "# nothing\n\n");

        let found = Interpreter::of_pack("p", folder.path(), &options(folder.path()))
            .await
            .unwrap();

        assert_eq!(found.program, Path::new("python3"));
        assert_eq!(found.path(&BTreeMap::new()), None);
    }

    #[tokio::test]
    async fn says_where_it_has_looked_for_a_virtualenv() {
        let folder = tempfile::tempdir().unwrap();
        touch(&folder.path().join("requirements.txt"), "requests\n");

        let error = Interpreter::of_pack("p", folder.path(), &options(folder.path()))
            .await
            .unwrap_err()
            .to_string();

        let at = folder.path().display();
        assert_eq!(
            error,
            format!(
                "pack `p` has requirements ({at}/requirements.txt) and no virtualenv: looked for `{at}/a/p` and \
                 `{at}/b/p`; make one with `python3 -m venv {at}/a/p && {at}/a/p/bin/pip install -r {at}/requirements.txt`"
            )
        );
    }
}
