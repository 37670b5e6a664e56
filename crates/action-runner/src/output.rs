//! Live output: lines of all executions, stored and told in batches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bus::{Announcement, Bus, News};
use lifecycle::Clock;
use model::{ExecutionId, OutputLine, OutputStream};
use store::{Store, StoreError};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::masking::Masking;

/// Lines are written at the latest when so many wait.
const FULL: usize = 500;
/// Pieces on their way to the writer; a program that prints faster than the store writes is slowed down.
const IN_FLIGHT: usize = 256;

/// What stands in place of the first line that there is no room for.
const FULL_NOTICE: &str = "[truncated: what comes after this is not shown live]\n";

#[derive(Debug)]
enum Piece {
    Lines(Vec<OutputLine>),
    /// Everything before this must be stored now; then say so.
    Flush(oneshot::Sender<()>),
}

/// Where output goes. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct OutputSink(mpsc::Sender<Piece>);

/// What the writer task takes from.
#[derive(Debug)]
pub(crate) struct OutputSource(mpsc::Receiver<Piece>);

/// A sink and its source.
pub(crate) fn channel() -> (OutputSink, OutputSource) {
    let (sender, receiver) = mpsc::channel(IN_FLIGHT);
    (OutputSink(sender), OutputSource(receiver))
}

#[cfg(test)]
impl OutputSource {
    /// Resolves when some execution has printed something.
    pub(crate) async fn wait_for_lines(&mut self) {
        while !matches!(self.0.recv().await, Some(Piece::Lines(_)) | None) {}
    }
}

/// The live output of one execution.
#[derive(Debug, Clone)]
pub(crate) struct LiveOutput {
    execution: ExecutionId,
    sink: OutputSink,
    clock: Clock,
    next: Arc<AtomicU64>,
    room: Arc<AtomicUsize>,
    masking: Arc<Masking>,
}

impl LiveOutput {
    /// For at most `room` bytes.
    pub(crate) fn new(execution: ExecutionId, sink: OutputSink, clock: Clock, room: usize) -> Self {
        Self {
            execution,
            sink,
            clock,
            next: Arc::default(),
            room: Arc::new(AtomicUsize::new(room)),
            masking: Arc::default(),
        }
    }

    /// The same, with these secrets hidden.
    pub(crate) fn masked(&self, masking: Masking) -> Self {
        Self {
            masking: Arc::new(masking),
            ..self.clone()
        }
    }

    /// Sends lines on; waits while the writer is behind. Where the room ends a last line says so, and what comes after
    /// it is dropped.
    pub(crate) async fn send(&self, stream: OutputStream, texts: Vec<String>) {
        let lines: Vec<OutputLine> = texts
            .into_iter()
            .filter_map(|text| self.fitting(text))
            .map(|text| self.line(stream, text))
            .collect();
        if !lines.is_empty() {
            // The writer outlives all runs, save when the process stops at once.
            drop(self.sink.0.send(Piece::Lines(lines)).await);
        }
    }

    fn fitting(&self, text: String) -> Option<String> {
        let room = self.room.load(Ordering::Relaxed);
        if room == 0 {
            return None;
        }
        let left = room.checked_sub(text.len());
        self.room.store(left.unwrap_or(0), Ordering::Relaxed);
        Some(if left.is_some() {
            text
        } else {
            FULL_NOTICE.to_owned()
        })
    }

    fn line(&self, stream: OutputStream, text: String) -> OutputLine {
        OutputLine {
            execution_id: self.execution,
            sequence: self.next.fetch_add(1, Ordering::Relaxed),
            stream,
            data: self.masking.apply(text),
            timestamp: self.clock.now(),
        }
    }

    /// Resolves when all lines sent so far are stored.
    pub(crate) async fn flush(&self) {
        if self.next.load(Ordering::Relaxed) == 0 {
            return;
        }
        let (done, stored) = oneshot::channel();
        if self.sink.0.send(Piece::Flush(done)).await.is_ok() {
            drop(stored.await);
        }
    }
}

/// Writes what comes from `source`, for as long as there are sinks.
pub(crate) async fn write_output(
    source: &mut OutputSource,
    store: &Store,
    bus: &Bus,
    every: Duration,
) {
    let mut waiting = Vec::new();
    let mut flushes = Vec::new();
    loop {
        let deadline = Instant::now() + every;
        while waiting.len() < FULL && flushes.is_empty() {
            let piece = if waiting.is_empty() {
                source.0.recv().await
            } else {
                match tokio::time::timeout_at(deadline, source.0.recv()).await {
                    Ok(piece) => piece,
                    Err(_) => break,
                }
            };
            match piece {
                Some(piece) => sort(piece, &mut waiting, &mut flushes),
                None => return write(store, bus, std::mem::take(&mut waiting)).await,
            }
        }
        // Whoever else wants to flush shares this write.
        while let (true, Ok(piece)) = (waiting.len() < 4 * FULL, source.0.try_recv()) {
            sort(piece, &mut waiting, &mut flushes);
        }
        write(store, bus, std::mem::take(&mut waiting)).await;
        for flushed in flushes.drain(..) {
            // Nobody listens where the run was dropped meanwhile.
            flushed.send(()).ok();
        }
    }
}

fn sort(piece: Piece, waiting: &mut Vec<OutputLine>, flushes: &mut Vec<oneshot::Sender<()>>) {
    match piece {
        Piece::Lines(lines) => waiting.extend(lines),
        Piece::Flush(done) => flushes.push(done),
    }
}

/// Stores lines and tells them; repeats while the database is away.
async fn write(store: &Store, bus: &Bus, lines: Vec<OutputLine>) {
    if lines.is_empty() {
        return;
    }
    let mut pause = Duration::from_millis(100);
    while let Err(error) = store.add_output(&lines).await {
        if !matches!(
            error,
            StoreError::Unavailable(_) | StoreError::CannotWrite(..)
        ) {
            tracing::error!(
                lines = lines.len(),
                "output was not stored: {}",
                crate::run::chain(&error)
            );
            break;
        }
        tracing::warn!(
            lines = lines.len(),
            "output waits for the database: {}",
            crate::run::chain(&error)
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(2));
    }
    bus.tell(News::Announcement(Announcement::Output(lines)));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(room: usize) -> (LiveOutput, OutputSource) {
        let (sink, source) = channel();
        let id = model::IdSource::new().next("2026-01-01T00:00:00Z".parse().unwrap());
        (LiveOutput::new(id, sink, Clock::system(), room), source)
    }

    #[tokio::test]
    async fn numbers_the_lines_of_both_streams_together() {
        let (live, mut source) = live(100);

        live.send(OutputStream::Stdout, vec!["a\n".into(), "b\n".into()])
            .await;
        live.send(OutputStream::Stderr, vec!["c\n".into()]).await;

        let mut lines = Vec::new();
        sort(source.0.try_recv().unwrap(), &mut lines, &mut Vec::new());
        sort(source.0.try_recv().unwrap(), &mut lines, &mut Vec::new());
        let told: Vec<_> = lines
            .iter()
            .map(|line| (line.sequence, line.data.as_str()))
            .collect();
        assert_eq!(told, [(0, "a\n"), (1, "b\n"), (2, "c\n")]);
    }

    #[tokio::test]
    async fn stores_no_more_than_there_is_room_for_and_says_so() {
        let (live, mut source) = live(3);

        live.send(
            OutputStream::Stdout,
            vec!["ab".into(), "cd".into(), "e".into()],
        )
        .await;

        let mut lines = Vec::new();
        sort(source.0.try_recv().unwrap(), &mut lines, &mut Vec::new());
        let told: Vec<_> = lines.iter().map(|line| line.data.as_str()).collect();
        assert_eq!(told, ["ab", FULL_NOTICE]);
    }
}
