//! Shutdown in two steps: first no new work, then no work at all.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// The two tokens of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Shutdown {
    soft: CancellationToken,
    hard: CancellationToken,
}

impl Shutdown {
    /// Tokens that nobody has pulled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Resolves when no new work may be taken; what is under way goes on.
    pub async fn draining(&self) {
        self.soft.cancelled().await;
    }

    /// Whether no new work may be taken.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.soft.is_cancelled()
    }

    /// Resolves when what is under way must stop too.
    pub async fn stopping(&self) {
        self.hard.cancelled().await;
    }

    /// Asks for no new work.
    pub fn drain(&self) {
        self.soft.cancel();
    }

    /// Asks everything to stop.
    pub fn stop(&self) {
        self.soft.cancel();
        self.hard.cancel();
    }

    /// Sleeps, unless draining begins first; false in that case.
    pub async fn sleep(&self, time: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(time) => true,
            () = self.soft.cancelled() => false,
        }
    }

    /// Drains at the first SIGTERM or SIGINT; stops at the second, or when `patience` is over.
    ///
    /// # Errors
    /// Where the signals cannot be listened to.
    pub async fn on_signals(&self, patience: Duration) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = self.soft.cancelled() => {}
        }
        tracing::info!("shutting down: taking no new work, finishing what runs");
        self.drain();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            () = tokio::time::sleep(patience) => {}
            () = self.hard.cancelled() => {}
        }
        self.stop();
        Ok(())
    }
}
