//! The virtualenvs that packs want: found, or built at first use by `petrel_worker.virtualenvs`.
//!
//! What a pack wants is looked at anew whenever one of its Python or text files changes; until then it is remembered.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use parking_lot::Mutex;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::{Pythons, WorkerError, written};

/// How deep a pack's folder is looked at.
const MAX_DEPTH: usize = 8;

/// What is known of the virtualenvs of packs.
#[derive(Debug, Default)]
pub struct Virtualenvs {
    known: Mutex<HashMap<PathBuf, Known>>,
    building: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

#[derive(Debug, Clone)]
struct Known {
    fingerprint: u64,
    virtualenv: Option<PathBuf>,
}

/// A pack, and with what its virtualenv is built.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The pack.
    pub pack: &'a str,
    /// Where it lies.
    pub folder: &'a Path,
    /// Whether its tests are to run: they may want more.
    pub tests: bool,
    /// Where virtualenvs and interpreters are.
    pub pythons: &'a Pythons,
    /// What the builder starts with: proxies and indexes are there.
    pub environment: &'a BTreeMap<OsString, OsString>,
}

/// The virtualenv of a pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its folder; `None` where the pack wants nothing.
    pub virtualenv: Option<PathBuf>,
    /// Where it was built just now: what is installed, a line each.
    pub freeze: Option<String>,
}

/// Why a pack has no virtualenv.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VirtualenvError {
    /// It could not be built; says which requirement failed, and why.
    #[error("{0}")]
    Build(String),
    /// The builder cannot be started.
    #[error("`{0}` cannot be started: is Python installed?")]
    Spawn(PathBuf, #[source] io::Error),
    /// The builder did not do its work.
    #[error("the virtualenv of pack `{pack}` cannot be built: {complaint}")]
    Broken {
        /// The pack.
        pack: String,
        /// What the builder said last.
        complaint: String,
    },
    /// The builder is not there.
    #[error(transparent)]
    Worker(#[from] WorkerError),
}

/// What the builder prints.
#[derive(Debug, Deserialize)]
struct Report {
    virtualenv: Option<PathBuf>,
    built: bool,
    freeze: String,
    error: Option<String>,
}

impl Virtualenvs {
    /// The pack's virtualenv, built where there is none for what it wants. An older one is used where a new one cannot
    /// be built. `pins` is asked only where one is built: versions that other nodes have, `name==version` lines.
    pub async fn of_pack(
        &self,
        wanted: Wanted<'_>,
        pins: impl Future<Output = Option<String>> + Send,
    ) -> Result<Found, VirtualenvError> {
        let (fingerprint, found) = self.known(wanted).await;
        if let Some(found) = found {
            return Ok(found);
        }
        let turn = Arc::clone(
            self.building
                .lock()
                .entry(wanted.pack.to_owned())
                .or_default(),
        );
        let _turn = turn.lock().await;
        if let (_, Some(found)) = self.known(wanted).await {
            return Ok(found);
        }
        let report = build(wanted, pins).await?;
        let freeze = Some(report.freeze).filter(|_| report.built);
        match (report.error, report.virtualenv) {
            (Some(error), None) => Err(VirtualenvError::Build(error)),
            (Some(error), virtualenv) => {
                tracing::warn!(pack = wanted.pack, "an older virtualenv is used: {error}");
                Ok(Found { virtualenv, freeze })
            }
            (None, virtualenv) => {
                let known = Known {
                    fingerprint,
                    virtualenv: virtualenv.clone(),
                };
                self.known.lock().insert(wanted.folder.to_owned(), known);
                Ok(Found { virtualenv, freeze })
            }
        }
    }

    /// The fingerprint of the pack's files, and what was found for these very files, if it still is there.
    async fn known(&self, wanted: Wanted<'_>) -> (u64, Option<Found>) {
        let (folder, pack) = (wanted.folder.to_owned(), wanted.pack.to_owned());
        let known = self.known.lock().get(wanted.folder).cloned();
        let virtualenvs = wanted.pythons.virtualenvs.clone();
        // In one go: each change of threads would cost as much as the looking.
        let look = move || {
            let fingerprint = fingerprint(&folder);
            let known = known.filter(|known| known.fingerprint == fingerprint);
            let is_true = known.as_ref().is_some_and(|known| match &known.virtualenv {
                Some(path) => is_virtualenv(path),
                // Somebody may have made one by hand since.
                None => !virtualenvs
                    .iter()
                    .any(|folder| is_virtualenv(&folder.join(&pack))),
            });
            (fingerprint, known.filter(|_| is_true))
        };
        let (fingerprint, known) = tokio::task::spawn_blocking(look)
            .await
            .unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
        let found = known.map(|known| Found {
            virtualenv: known.virtualenv,
            freeze: None,
        });
        (fingerprint, found)
    }
}

fn is_virtualenv(path: &Path) -> bool {
    path.join("bin/python").exists()
}

/// Of the files that decide what a pack wants: names, lengths and times of change.
fn fingerprint(folder: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    look_at(folder, MAX_DEPTH, &mut hasher);
    hasher.finish()
}

fn look_at(folder: &Path, depth: usize, hasher: &mut DefaultHasher) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    for path in paths {
        let Ok(metadata) = path.symlink_metadata() else {
            continue;
        };
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let decides = path
            .extension()
            .is_some_and(|extension| extension == "py" || extension == "txt");
        if metadata.is_dir() && !is_hidden && depth > 0 {
            look_at(&path, depth - 1, hasher);
        } else if decides {
            let (seconds, nanos) = (metadata.mtime(), metadata.mtime_nsec());
            (path, metadata.len(), seconds, nanos).hash(hasher);
        }
    }
}

/// Runs the builder; its progress goes into the log.
async fn build(
    wanted: Wanted<'_>,
    pins: impl Future<Output = Option<String>> + Send,
) -> Result<Report, VirtualenvError> {
    let worker = written(&wanted.pythons.folder).await?;
    let pins = pins.await;
    let mut process = start(wanted, &worker, pins.as_deref())
        .map_err(|error| VirtualenvError::Spawn(wanted.pythons.interpreter.clone(), error))?;
    let group = Group::of(&process);
    let (stdout, stderr) = (process.stdout.take(), process.stderr.take());
    let (printed, last) = tokio::join!(
        async {
            let mut printed = Vec::new();
            if let Some(mut stdout) = stdout {
                // What cannot be read is no report, which is told below.
                drop(stdout.read_to_end(&mut printed).await);
            }
            printed
        },
        async {
            let mut last = String::new();
            if let Some(stderr) = stderr {
                let mut lines = BufReader::new(stderr).lines();
                while let Ok(Some(line)) = lines.next_line().await {
                    tracing::info!(pack = wanted.pack, "{line}");
                    last = line;
                }
            }
            last
        }
    );
    let broken = |complaint: String| VirtualenvError::Broken {
        pack: wanted.pack.to_owned(),
        complaint,
    };
    let status = process
        .wait()
        .await
        .map_err(|error| broken(error.to_string()))?;
    group.release();
    let python = wanted.pythons.interpreter.display();
    let last = if last.is_empty() {
        "it ended without a word"
    } else {
        &last
    };
    serde_json::from_slice(&printed)
        .map_err(|_| broken(format!("`{python}` does not work ({status}): {last}")))
}

/// The builder and what it has started. Dropped while they work, because nobody waits for them, they are killed.
#[derive(Debug)]
struct Group(Option<Pid>);

impl Group {
    fn of(builder: &Child) -> Self {
        let id = builder.id().and_then(|id| i32::try_from(id).ok());
        Self(id.map(Pid::from_raw))
    }

    /// It has ended.
    fn release(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // What fails here: the group is gone already.
            killpg(group, Signal::SIGKILL).ok();
        }
    }
}

fn start(wanted: Wanted<'_>, worker: &Path, pins: Option<&str>) -> io::Result<Child> {
    let mut command = Command::new(&wanted.pythons.interpreter);
    command
        .args(["-m", "petrel_worker.virtualenvs", "ensure"])
        .args(["--pack", wanted.pack])
        .arg("--folder")
        .arg(wanted.folder)
        .env_clear()
        .envs(wanted.environment)
        .env("PYTHONPATH", worker)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if wanted.tests {
        command.arg("--tests");
    }
    for folder in &wanted.pythons.virtualenvs {
        command.arg("--virtualenvs").arg(folder);
    }
    if let Some(pins) = pins {
        command.args(["--pins", pins]);
    }
    command.spawn()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::time::Duration;

    use super::*;

    /// Stands for a builder whose pip hangs, and notes who that is.
    const HANGS: &str =
        "#!/bin/sh\nsleep 1000 &\necho $! > \"$0.new\"\nmv \"$0.new\" \"$0.pid\"\nwait\n";

    /// Resolves when it is true; a test that waits in vain fails.
    async fn until(what: &str, is_true: impl Fn() -> bool + Send + Sync) {
        let wait = async {
            while !is_true() {
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(30), wait).await;
        waited.unwrap_or_else(|_| panic!("waited in vain until {what}"));
    }

    #[tokio::test]
    async fn a_build_that_nobody_waits_for_is_killed_with_all_that_it_has_started() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("builder");
        std::fs::write(&program, HANGS).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        let pythons = Pythons {
            interpreter: program,
            ..Pythons::in_folder(folder.path())
        };
        let environment = std::env::vars_os().collect();
        let wanted = Wanted {
            pack: "p",
            folder: folder.path(),
            tests: false,
            pythons: &pythons,
            environment: &environment,
        };
        let note = folder.path().join("builder.pid");

        let virtualenvs = Virtualenvs::default();
        tokio::select! {
            _ = virtualenvs.of_pack(wanted, std::future::ready(None)) => panic!("it hangs"),
            () = until("the builder has begun", || note.exists()) => {}
        }

        let pid = std::fs::read_to_string(note).unwrap();
        let stat = Path::new("/proc").join(pid.trim()).join("stat");
        let is_gone = || !std::fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z "));
        until("what it has started is gone", is_gone).await;
    }
}
