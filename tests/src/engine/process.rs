//! One process of an engine.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::DEADLINE;
use crate::servers::wait_until;

/// A process of an engine. Dropping it kills it, and the actions that it runs.
#[derive(Debug)]
pub struct EngineProcess {
    role: &'static str,
    arguments: Vec<String>,
    log: PathBuf,
    /// Where in the log its present life begins.
    log_start: usize,
    child: Option<Child>,
}

/// The binary under test: the one that `cargo build` made beside the test's own, or `PETREL_BINARY`.
///
/// # Panics
/// Where there is none.
#[must_use]
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("PETREL_BINARY") {
        return path.into();
    }
    let test = std::env::current_exe().expect("a test knows its own path");
    let found = test
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("petrel"))
        .find(|path| path.is_file());
    found.expect("the binary is missing: run `cargo build --workspace` first")
}

impl EngineProcess {
    /// A process of `role` that is not started yet; its log goes to `folder`.
    #[must_use]
    pub fn new(role: &'static str, folder: &Path, arguments: Vec<String>) -> Self {
        let log = folder.join(format!("{role}-{:x}.log", rand_suffix()));
        Self {
            role,
            arguments,
            log,
            log_start: 0,
            child: None,
        }
    }

    /// Its role.
    #[must_use]
    pub fn role(&self) -> &'static str {
        self.role
    }

    /// Its process id, while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// What it printed, over all its lives.
    #[must_use]
    pub fn log(&self) -> String {
        format!(
            "--- {} ---\n{}",
            self.role,
            fs::read_to_string(&self.log).unwrap_or_default()
        )
    }

    /// Whether it said, since it was started last, that all of its roles run.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let log = fs::read(&self.log).unwrap_or_default();
        let now = log.get(self.log_start..).unwrap_or_default();
        String::from_utf8_lossy(now).contains("every role of this process runs")
    }

    /// Starts it.
    ///
    /// # Errors
    /// Where the binary cannot be started.
    pub fn run(&mut self) -> Result<()> {
        let output = File::options().create(true).append(true).open(&self.log)?;
        self.log_start = usize::try_from(output.metadata()?.len())?;
        let child = Command::new(binary())
            .args(&self.arguments)
            .env(
                "PETREL_LOG",
                std::env::var("PETREL_LOG").unwrap_or_else(|_| "info,lapin=off".to_owned()),
            )
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .context("the engine cannot be started")?;
        self.child = Some(child);
        Ok(())
    }

    /// Fails if it ended by itself.
    ///
    /// # Errors
    /// With its exit status.
    pub fn check_alive(&mut self) -> Result<()> {
        if let Some(status) = self
            .child
            .as_mut()
            .and_then(|child| child.try_wait().transpose())
            .transpose()?
        {
            bail!("the process `{}` ended by itself ({status})", self.role);
        }
        Ok(())
    }

    /// Ends it as an operator does (SIGTERM) and waits; it must end well.
    ///
    /// # Errors
    /// Where it does not end in time, or with failure.
    pub fn terminate(&mut self) -> Result<()> {
        self.signal(Signal::SIGTERM)?;
        let status = self.wait()?;
        ensure!(
            status.success(),
            "the process `{}` ended with {status} after SIGTERM:\n{}",
            self.role,
            self.log()
        );
        Ok(())
    }

    /// Kills it at once (SIGKILL), without the actions that it runs, and waits.
    ///
    /// # Errors
    /// Where it does not run.
    pub fn kill9(&mut self) -> Result<()> {
        self.signal(Signal::SIGKILL)?;
        self.wait().map(drop)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// Where that does not come in time.
    pub fn wait(&mut self) -> Result<std::process::ExitStatus> {
        let mut child = self.child.take().context("the process does not run")?;
        wait_until(&format!("the end of `{}`", self.role), DEADLINE, || {
            Ok(child.try_wait()?)
        })
        .with_context(|| self.log())
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self.pid().context("the process does not run")?;
        Ok(kill(Pid::from_raw(i32::try_from(pid)?), signal)?)
    }
}

impl Drop for EngineProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            if let Ok(pid) = i32::try_from(child.id()) {
                let _gone = killpg(Pid::from_raw(pid), Signal::SIGKILL);
            }
            let _ended = child.wait();
        }
    }
}

/// Tells log files of the same role apart.
fn rand_suffix() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
