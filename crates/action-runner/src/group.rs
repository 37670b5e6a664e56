//! The process group of a command: signalled as a whole.

use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

use crate::process::Job;

/// How long sudo may take to send a signal for us.
const SUDO: Duration = Duration::from_secs(5);

/// A command's group. Dropped before it was released, it is killed.
#[derive(Debug)]
pub(crate) struct Group<'a> {
    id: Option<Pid>,
    job: &'a Job,
}

impl<'a> Group<'a> {
    /// The group that `child` leads.
    pub(crate) fn of(child: &Child, job: &'a Job) -> Self {
        let id = child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .map(Pid::from_raw);
        Self { id, job }
    }

    /// Sends a signal to all of them. Where the command runs as somebody else, sudo sends it, as in st2.
    pub(crate) async fn signal(&self, signal: Signal) {
        let Some(id) = self.id else { return };
        self.signal_own(signal);
        if self.job.is_elevated {
            self.signal_by_sudo(id, signal).await;
        }
    }

    /// Leaves the group alone from now on.
    pub(crate) fn release(&mut self) {
        self.id = None;
    }

    fn signal_own(&self, signal: Signal) {
        if let Some(id) = self.id {
            // What fails here: the group is gone already, or all of it is somebody else's.
            killpg(id, signal).ok();
        }
    }

    async fn signal_by_sudo(&self, id: Pid, signal: Signal) {
        let name = signal.as_str().trim_start_matches("SIG");
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "--", "sh", "-c"])
            .arg(format!("kill -{name} -{id}"));
        sudo.env_clear()
            .envs(&self.job.environment)
            .kill_on_drop(true);
        sudo.stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        match tokio::time::timeout(SUDO, sudo.status()).await {
            // sudo's own failures and those of a group that is gone look alike.
            Ok(Ok(status)) => {
                tracing::debug!(group = %id, %status, "sudo was asked to send {signal}");
            }
            Ok(Err(error)) => {
                tracing::warn!(group = %id, "sudo cannot be asked to send {signal}: {error}");
            }
            Err(_) => tracing::warn!(group = %id, "sudo did not send {signal} in time"),
        }
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        self.signal_own(Signal::SIGKILL);
    }
}
