//! A server's process.

use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::wait::wait_until;

/// How long a process has for ending when asked to.
const PATIENCE: Duration = Duration::from_mins(1);

/// A process in a group of its own; what it prints goes to a file in the server's folder.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    group: Pid,
    group_file: PathBuf,
    log: PathBuf,
}

impl Process {
    /// Starts `command`. `last_signal` is what ends it at once without leaving anything behind.
    pub(crate) fn start(
        name: &'static str,
        folder: &Path,
        last_signal: &'static str,
        command: &mut Command,
    ) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .context("no log file")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{name} cannot be started ({command:?})"))?;
        let group = Pid::from_raw(i32::try_from(child.id())?);
        let group_file = folder.join(format!("{name}.group"));
        fs::write(&group_file, format!("{group} {last_signal}\n"))?;
        Ok(Self {
            name,
            child,
            group,
            group_file,
            log,
        })
    }

    /// Waits until `ready`, or until the process ends by itself.
    pub(crate) fn wait_until(
        &mut self,
        deadline: Duration,
        mut ready: impl FnMut() -> bool,
    ) -> Result<()> {
        let waited = wait_until(&format!("{} being ready", self.name), deadline, || {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended at once ({status})", self.name);
            }
            Ok(ready().then_some(()))
        });
        waited.with_context(|| {
            format!(
                "it printed:\n{}",
                fs::read_to_string(&self.log).unwrap_or_default()
            )
        })
    }

    /// Sends a signal to the whole group and waits for the process to end.
    pub(crate) fn end(&mut self, signal: Signal) -> Result<()> {
        if self.child.try_wait()?.is_none() {
            killpg(self.group, signal)
                .with_context(|| format!("{} cannot be signalled", self.name))?;
            let end = || Ok(self.child.try_wait()?);
            wait_until(&format!("the end of {}", self.name), PATIENCE, end)?;
        }
        match fs::remove_file(&self.group_file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}
