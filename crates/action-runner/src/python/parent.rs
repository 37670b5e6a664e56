//! A warm parent: a Python that has the worker and libraries imported, and forks for each execution.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use python_worker::Interpreter;
use tokio::io::AsyncReadExt;
use tokio::process::{Child, ChildStderr, Command};

use crate::python::control::Control;

/// How long an interpreter may take to be ready.
const START: Duration = Duration::from_mins(1);
/// Bytes of complaints that an error shows.
const COMPLAINT: u64 = 4096;

/// A process. Dropped, it is killed; it has no forks by then.
#[derive(Debug)]
pub(super) struct Parent {
    control: Control,
    process: Child,
}

/// Why there is no parent.
#[derive(Debug, thiserror::Error)]
pub(super) enum ParentError {
    #[error("`{0}` cannot be started: is Python installed?")]
    Spawn(PathBuf, #[source] io::Error),
    #[error("`{program}` does not work: {complaint}")]
    Broken { program: PathBuf, complaint: String },
    #[error("`{program}` was not ready within {seconds} seconds")]
    Late { program: PathBuf, seconds: u64 },
}

impl Parent {
    /// Starts one, and waits until it is ready.
    pub(super) async fn start(
        interpreter: &Interpreter,
        worker: &Path,
        environment: &BTreeMap<OsString, OsString>,
    ) -> Result<Self, ParentError> {
        let program = &interpreter.program;
        let (parent, stderr) = spawn(interpreter, worker, environment)
            .map_err(|error| ParentError::Spawn(program.clone(), error))?;
        match tokio::time::timeout(START, parent.control.receive()).await {
            Ok(Ok(packet)) if packet == b"ready" => {
                tracing::debug!(
                    python = %program.display(),
                    pid = parent.process.id(),
                    "a warm Python process is ready"
                );
                Ok(parent)
            }
            Ok(_) => Err(ParentError::Broken {
                program: program.clone(),
                complaint: complaint(stderr).await,
            }),
            Err(_) => Err(ParentError::Late {
                program: program.clone(),
                seconds: START.as_secs(),
            }),
        }
    }

    /// Asks for a fork with these descriptors.
    pub(super) async fn ask(&self, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.control.send(b"run", descriptors).await
    }
}

fn spawn(
    interpreter: &Interpreter,
    worker: &Path,
    environment: &BTreeMap<OsString, OsString>,
) -> io::Result<(Parent, Option<ChildStderr>)> {
    let (control, theirs) = Control::pair()?;
    let mut command = Command::new(&interpreter.program);
    command
        .arg("-u")
        .arg(worker)
        .env_clear()
        .envs(environment)
        .stdin(Stdio::from(theirs))
        // Where it complains once it is ready: our own log.
        .stdout(Stdio::from(io::stderr().as_fd().try_clone_to_owned()?))
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(path) = interpreter.path(environment) {
        command.env("PATH", path);
    }
    let mut process = command.spawn()?;
    let stderr = process.stderr.take();
    Ok((Parent { control, process }, stderr))
}

/// What it has said instead of being ready; the last of it says most.
async fn complaint(stderr: Option<ChildStderr>) -> String {
    let mut text = Vec::new();
    if let Some(stderr) = stderr {
        let mut stderr = stderr.take(COMPLAINT * 16);
        // What cannot be read is not shown.
        drop(tokio::time::timeout(Duration::from_secs(1), stderr.read_to_end(&mut text)).await);
    }
    let text = String::from_utf8_lossy(&text);
    let text = text.trim();
    if text.is_empty() {
        return "it ended without a word".to_owned();
    }
    let start = text
        .len()
        .saturating_sub(usize::try_from(COMPLAINT).unwrap_or(usize::MAX));
    let start = (start..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    text[start..].to_owned()
}
