//! Waits for a process group to end, or brings its end about.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use nix::sys::signal::Signal as UnixSignal;
use tokio::time::Instant;

use crate::held::{Signal, Wanted, interrupted};

/// How long to go on reading when the leader has ended but something that it started still holds its output.
pub(crate) const LINGER: Duration = Duration::from_secs(2);
/// The same, after the group was killed (what left the group may hold the output for ever).
const LINGER_KILLED: Duration = Duration::from_millis(200);
/// For no timeout at all.
const FOR_EVER: Duration = Duration::from_hours(100 * 365 * 24);

/// Who leads a process group.
pub(crate) trait Leader: Send {
    /// What is known of its end.
    type Status: Send;

    /// Resolves when it has ended; may be dropped and called again, also after that.
    fn wait(&mut self) -> impl Future<Output = io::Result<Self::Status>> + Send;

    /// Sends a signal to the whole group.
    fn signal(&mut self, signal: UnixSignal) -> impl Future<Output = ()> + Send;

    /// Leaves the group alone from now on.
    fn release(&mut self);
}

/// Why it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End<S> {
    /// By itself.
    Exited(S),
    /// Its time was up.
    TimedOut,
    /// Something else was wanted.
    Interrupted(Wanted),
}

/// How much time a group has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// To do its work.
    pub(crate) timeout: Option<Duration>,
    /// To end after SIGTERM.
    pub(crate) kill_grace: Duration,
}

/// Waits for the leader's end, or brings it about; then for the rest of what it says (`talk`), for a while.
pub(crate) async fn supervise<L: Leader>(
    leader: &mut L,
    mut talk: Pin<&mut (impl Future<Output = ()> + Send)>,
    allowance: Allowance,
    signal: &mut Signal,
) -> io::Result<End<L::Status>> {
    let deadline = Instant::now() + allowance.timeout.unwrap_or(FOR_EVER);
    let mut is_silent = false;
    let end = loop {
        tokio::select! {
            status = leader.wait() => break End::Exited(status?),
            () = &mut talk, if !is_silent => is_silent = true,
            () = tokio::time::sleep_until(deadline) => break End::TimedOut,
            wanted = interrupted(signal) => break End::Interrupted(wanted),
        }
    };
    let linger = match end {
        End::Exited(_) => {
            leader.release();
            LINGER
        }
        End::TimedOut | End::Interrupted(_) => {
            let grace = if matches!(end, End::Interrupted(Wanted::Shutdown)) {
                Duration::ZERO
            } else {
                allowance.kill_grace
            };
            is_silent |= kill(leader, talk.as_mut(), is_silent, grace).await?;
            LINGER_KILLED
        }
    };
    if !is_silent {
        // Too late is as good as done: what holds the output is not the leader any more.
        drop(tokio::time::timeout(linger, talk).await);
    }
    Ok(end)
}

/// SIGTERM to the group, SIGKILL to what is left of it after `grace`. True if `talk` came to its end meanwhile.
async fn kill<L: Leader>(
    leader: &mut L,
    mut talk: Pin<&mut (impl Future<Output = ()> + Send)>,
    mut is_silent: bool,
    grace: Duration,
) -> io::Result<bool> {
    leader.signal(UnixSignal::SIGTERM).await;
    let deadline = Instant::now() + grace;
    let mut has_ended = false;
    while !(has_ended && is_silent) {
        tokio::select! {
            status = leader.wait(), if !has_ended => {
                status?;
                has_ended = true;
            }
            () = &mut talk, if !is_silent => is_silent = true,
            () = tokio::time::sleep_until(deadline) => break,
        }
    }
    leader.signal(UnixSignal::SIGKILL).await;
    leader.release();
    if let Ok(status) = tokio::time::timeout(LINGER, leader.wait()).await {
        status?;
    } else {
        // Somebody else's whom sudo did not reach, or stuck in the kernel: nothing more can be done about it.
        tracing::error!("a process outlived SIGKILL and is left alone");
    }
    Ok(is_silent)
}
