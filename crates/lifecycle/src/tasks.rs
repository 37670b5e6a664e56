//! Long-lived tasks, by name.

use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio_util::task::TaskTracker;

use crate::Shutdown;

/// What to do when a task ends with an error or a panic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// Log it and start the task again after a pause that grows from 0.1 s to 5 s.
    Restart,
    /// Log it and shut the process down; it exits with failure.
    StopProcess,
}

/// The tasks of a process. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    shutdown: Shutdown,
    failed: Arc<AtomicBool>,
}

impl Tasks {
    /// No tasks yet, under this shutdown.
    #[must_use]
    pub fn new(shutdown: Shutdown) -> Self {
        Self {
            tracker: TaskTracker::new(),
            shutdown,
            failed: Arc::default(),
        }
    }

    /// The shutdown that these tasks are under.
    #[must_use]
    pub fn shutdown(&self) -> &Shutdown {
        &self.shutdown
    }

    /// Starts a long-lived task. `make` makes its future, anew for each start. A task that ends well is not started
    /// again.
    #[expect(clippy::disallowed_methods, reason = "the one place that spawns")]
    pub fn start<M, F, E>(&self, name: &'static str, on_error: OnError, make: M)
    where
        M: Fn() -> F + Send + 'static,
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let tasks = self.clone();
        self.tracker.spawn(async move {
            let mut pause = Duration::from_millis(100);
            loop {
                match tokio::spawn(make()).await {
                    Ok(Ok(())) => return,
                    Ok(Err(error)) => tracing::error!(task = name, "task failed: {error:#}"),
                    Err(panic) => tracing::error!(task = name, "task panicked: {panic}"),
                }
                if on_error == OnError::StopProcess || tasks.shutdown.is_draining() {
                    tasks.failed.store(true, Ordering::SeqCst);
                    tasks.shutdown.drain();
                    return;
                }
                if !tasks.shutdown.sleep(pause).await {
                    return;
                }
                pause = (pause * 2).min(Duration::from_secs(5));
            }
        });
    }

    /// Starts work that ends by itself (one request, one execution), so that shutdown waits for it.
    pub fn run<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.tracker.spawn(work);
        // A handle nobody waits for: the tracker does.
    }

    /// Waits until all tasks ended, or `stop` was asked for and two seconds have passed. True if none failed.
    pub async fn finished(&self) -> bool {
        self.tracker.close();
        tokio::select! {
            () = self.tracker.wait() => {}
            () = async { self.shutdown.stopping().await; tokio::time::sleep(Duration::from_secs(2)).await } => {
                tracing::warn!("{} tasks did not stop in time", self.tracker.len());
            }
        }
        !self.failed.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn starts_a_failing_task_again() {
        let tasks = Tasks::default();
        let starts = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&starts);

        tasks.start("flaky", OnError::Restart, move || {
            let start = counter.fetch_add(1, Ordering::SeqCst);
            async move { if start < 3 { Err("not yet") } else { Ok(()) } }
        });

        assert!(tasks.finished().await);
        assert_eq!(starts.load(Ordering::SeqCst), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn stops_the_process_when_a_vital_task_panics() {
        let tasks = Tasks::default();

        tasks.start("vital", OnError::StopProcess, || async {
            panic!("broken");
            #[expect(unreachable_code, reason = "types the future")]
            Ok::<(), &str>(())
        });

        assert!(!tasks.finished().await);
        assert!(tasks.shutdown().is_draining());
    }
}
