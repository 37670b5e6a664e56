//! Speaks with a sensor's process from its start to its end.

#[cfg(test)]
mod tests;

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use intake::Intake;
use model::{Object, Sensor};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::calls::Calls;
use crate::keeper::Orders;
use crate::masking::Masking;
use crate::process::{Process, ProcessError, Streams};
use crate::triggers::Told;

/// So many calls of a sensor may wait; beyond, nothing more is read of it.
const MOST_CALLS: usize = 256;
/// Bytes of a printed line.
const LONGEST_LINE: u64 = 64 << 10;
/// How long what a dead process has said may take to be read.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How a process ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Left {
    /// Its exit code; of a signal, the negative number, as Python has it.
    pub(crate) code: i32,
    /// Why, in its own words.
    pub(crate) error: Option<String>,
    /// Because it was told to.
    pub(crate) was_stopped: bool,
}

/// One process of a sensor, and all it needs.
pub(crate) struct Conversation<'a> {
    pub(crate) sensor: &'a Sensor,
    pub(crate) calls: Calls<'a>,
    pub(crate) masking: &'a Masking,
    pub(crate) orders: &'a Orders,
    /// To be cancelled when `run` begins.
    pub(crate) has_started: &'a CancellationToken,
    pub(crate) stop_grace: Duration,
    pub(crate) told: Told,
    pub(crate) intake: Intake,
}

/// The steps of stopping, each with when the next is due.
#[derive(Debug, Clone, Copy)]
enum Stopping {
    Not,
    /// It has closed its pipe, which it does when it ends.
    Closed(Instant),
    Asked(Instant),
    Terminated(Instant),
    Killed,
}

impl Conversation<'_> {
    /// Answers it until it has ended, and its group with it.
    pub(crate) async fn hold(
        mut self,
        mut process: Process,
        streams: Streams,
    ) -> Result<Left, ProcessError> {
        let Streams {
            mut frames,
            stdout,
            stderr,
        } = streams;
        let (masking, sensor_ref) = (self.masking, self.calls.sensor_ref);
        let printed = async {
            tokio::join!(
                follow(stdout, "stdout", sensor_ref, masking),
                follow(stderr, "stderr", sensor_ref, masking),
            );
        };
        let mut printed = std::pin::pin!(printed);
        let mut has_printed = false;
        let mut waiting: FuturesUnordered<BoxFuture<'_, String>> = FuturesUnordered::new();
        let (mut stopping, mut left) = (Stopping::Not, Left::default());
        let mut is_open = true;
        let status = loop {
            // Whatever comes first: one that floods us with one thing is heard in the others too.
            tokio::select! {
                frame = frames.next(), if is_open && waiting.len() < MOST_CALLS => {
                    if let Some(frame) = frame {
                        if let Some(call) = self.hear(frame?, &mut left) {
                            let calls = self.calls;
                            waiting.push(Box::pin(async move {
                                calls.answer(call.id, &call.name, &call.given).await
                            }));
                        }
                    } else {
                        is_open = false;
                        stopping = stopping.closed(self.stop_grace);
                    }
                }
                Some(answer) = waiting.next() => self.tell(&mut process, answer).await?,
                () = self.intake.changed() => self.tell_changes(&mut process).await?,
                () = &mut printed, if !has_printed => has_printed = true,
                status = process.wait() => break status,
                () = self.orders.stop.cancelled(), if stopping.is_unasked() => {
                    left.was_stopped = true;
                    stopping = self.ask_to_stop(&mut process).await;
                }
                () = self.orders.kill.cancelled(), if !matches!(stopping, Stopping::Killed) => {
                    left.was_stopped = true;
                    stopping = kill(&process);
                }
                () = due(stopping) => {
                    if matches!(stopping, Stopping::Closed(_)) {
                        left.error = Some("its process has closed its pipe to the engine, and went on".to_owned());
                    }
                    stopping = next_step(stopping, &process);
                }
            }
        };
        drop(waiting);
        // What it has started goes with it, and lets go of its streams.
        process.signal(Signal::SIGKILL);
        let rest = async {
            while let Some(Ok(frame)) = frames.next().await {
                // Nobody waits for an answer any more.
                self.hear(frame, &mut left);
            }
            if !has_printed {
                printed.await;
            }
        };
        // What is still unread then is lost.
        drop(tokio::time::timeout(LAST_WORDS, rest).await);
        left.code = code(status)?;
        Ok(left)
    }

    /// What must be answered is given back.
    fn hear(&self, frame: Value, left: &mut Left) -> Option<Call> {
        let Value::Object(mut frame) = frame else {
            return None;
        };
        let text = |frame: &Object, name: &str| {
            let text = frame.get(name).and_then(Value::as_str);
            self.masking.apply(text.unwrap_or_default().to_owned())
        };
        if let Some(Value::String(name)) = frame.remove("call") {
            let Some(Value::Object(given)) = frame.remove("given") else {
                return None;
            };
            let id = frame.get("id").and_then(Value::as_u64)?;
            return Some(Call { id, name, given });
        }
        if frame.contains_key("log") {
            log(
                self.calls.sensor_ref,
                &text(&frame, "log"),
                &text(&frame, "logger"),
                &text(&frame, "message"),
            );
        } else if frame.contains_key("failed") {
            let (failed, trace) = (text(&frame, "failed"), text(&frame, "traceback"));
            tracing::debug!(sensor.ref = self.calls.sensor_ref, "{trace}");
            let whole = [failed.as_str(), trace.as_str()].join("\n");
            left.error = Some(whole.trim_end().to_owned());
        } else if frame.contains_key("state") {
            self.calls.report.running();
            self.has_started.cancel();
            tracing::info!(sensor.ref = self.calls.sensor_ref, "the sensor runs");
        }
        None
    }

    async fn tell_changes(&mut self, process: &mut Process) -> Result<(), ProcessError> {
        let table = self.intake.triggers();
        for change in self.told.follow(self.sensor, &table) {
            let frame = json!({ "trigger": change.what, "body": *change.trigger });
            self.tell(process, frame.to_string()).await?;
        }
        Ok(())
    }

    /// One that is to be killed is not waited for.
    async fn tell(&self, process: &mut Process, frame: String) -> Result<(), ProcessError> {
        tokio::select! {
            told = process.tell(frame) => told,
            () = self.orders.kill.cancelled() => Ok(()),
        }
    }

    async fn ask_to_stop(&self, process: &mut Process) -> Stopping {
        let grace = self.stop_grace;
        let frame = json!({ "stop": grace.as_secs_f64() });
        match self.tell(process, frame.to_string()).await {
            Ok(()) => Stopping::Asked(Instant::now() + grace * 2),
            Err(_) => kill(process),
        }
    }
}

/// What a sensor asks for.
struct Call {
    id: u64,
    name: String,
    given: Object,
}

impl Stopping {
    /// It can say nothing any more; unless it is being ended already, it has a while to end by itself.
    fn closed(self, grace: Duration) -> Self {
        match self {
            Self::Not => Self::Closed(Instant::now() + grace * 2),
            other => other,
        }
    }

    /// Whether nobody has asked it to end.
    fn is_unasked(self) -> bool {
        matches!(self, Self::Not | Self::Closed(_))
    }
}

async fn due(stopping: Stopping) {
    match stopping {
        Stopping::Closed(at) | Stopping::Asked(at) | Stopping::Terminated(at) => {
            sleep_until(at).await;
        }
        Stopping::Not | Stopping::Killed => std::future::pending().await,
    }
}

fn next_step(stopping: Stopping, process: &Process) -> Stopping {
    match stopping {
        Stopping::Asked(_) => {
            process.signal(Signal::SIGTERM);
            Stopping::Terminated(Instant::now() + LAST_WORDS)
        }
        Stopping::Not | Stopping::Closed(_) | Stopping::Terminated(_) | Stopping::Killed => {
            kill(process)
        }
    }
}

fn kill(process: &Process) -> Stopping {
    process.signal(Signal::SIGKILL);
    Stopping::Killed
}

fn code(status: io::Result<ExitStatus>) -> io::Result<i32> {
    let status = status?;
    Ok(status
        .code()
        .or_else(|| status.signal().map(|signal| -signal))
        .unwrap_or(-1))
}

/// Each line that is printed goes to our log.
async fn follow(
    stream: Option<impl AsyncRead + Unpin>,
    name: &'static str,
    sensor_ref: &str,
    masking: &Masking,
) {
    let Some(stream) = stream else { return };
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut bounded = (&mut reader).take(LONGEST_LINE);
        match bounded.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line);
        let text = masking.apply(text.trim_end().to_owned());
        tracing::info!(sensor.ref = sensor_ref, stream = name, "{text}");
    }
}

/// A line of one of its loggers.
fn log(sensor_ref: &str, level: &str, logger: &str, message: &str) {
    match level {
        "DEBUG" => tracing::debug!(sensor.ref = sensor_ref, logger, "{message}"),
        "WARNING" => tracing::warn!(sensor.ref = sensor_ref, logger, "{message}"),
        "ERROR" | "CRITICAL" => tracing::error!(sensor.ref = sensor_ref, logger, "{message}"),
        _ => tracing::info!(sensor.ref = sensor_ref, logger, "{message}"),
    }
}
