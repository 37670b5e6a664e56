//! What a fork is told. It goes through a socket that only the fork reads: no secret is on a command line.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

use model::Object;
use python_worker::{Interpreter, python_path};
use serde_json::{Value, json};

use crate::local::environment::additions;
use crate::options::PythonLimits;
use crate::python::text;
use crate::run::{Assignment, Failure};

/// Which variables an action's `env` may not set, whatever the case (`BLACKLISTED_ENV_VARS`).
const REFUSED: &str = "pythonpath";

/// What is to be run.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) file: PathBuf,
    pub(super) pack: &'a str,
    pub(super) pack_folder: &'a Path,
    pub(super) user: &'a str,
    pub(super) parameters: &'a Object,
    pub(super) config: &'a Value,
    pub(super) log_level: &'a str,
    pub(super) environment: BTreeMap<String, String>,
    pub(super) limits: PythonLimits,
}

impl Request<'_> {
    /// As JSON in a line; the members are those of `Request` in `petrel_worker/child.py`. Without the line's end a fork
    /// does not run it.
    pub(super) fn encoded(&self) -> Vec<u8> {
        let request = json!({
            "file": text(&self.file),
            "pack": self.pack,
            "pack_folder": text(self.pack_folder),
            "user": self.user,
            "parameters": self.parameters,
            "config": self.config,
            "log_level": self.log_level,
            "environment": self.environment,
            "limits": {
                "memory_mib": self.limits.memory_mib,
                "cpu_seconds": self.limits.cpu_seconds,
                "open_files": self.limits.open_files,
                "processes": self.limits.processes,
            },
        });
        format!("{request}\n").into_bytes()
    }
}

/// What an action's environment has beside its parent's.
pub(super) fn environment(
    assignment: &Assignment<'_>,
    interpreter: &Interpreter,
    pack_folder: &Path,
    worker: &Path,
) -> Result<BTreeMap<String, String>, Failure> {
    let inherited = &assignment.options.environment;
    let mut environment = additions(assignment)?;
    environment.retain(|name, _| !name.eq_ignore_ascii_case(REFUSED));
    if let Some(path) = interpreter.path(inherited) {
        environment
            .entry("PATH".to_owned())
            .or_insert_with(|| path.to_string_lossy().into_owned());
    }
    let path = python_path(pack_folder, inherited, worker);
    environment.insert("PYTHONPATH".to_owned(), path);
    let virtualenvs = &assignment.options.python.pythons.virtualenvs;
    if let Ok(folders) = env::join_paths(virtualenvs) {
        // Where the pack `packs` builds them.
        let folders = folders.to_string_lossy().into_owned();
        environment.insert("PETREL_VIRTUALENVS".to_owned(), folders);
    }
    Ok(environment)
}
