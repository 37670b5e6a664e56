//! A sensor's process: how it is started, its pipe, its group.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use python_worker::{Interpreter, python_path};
use serde_json::Value;
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};

use crate::SensorOptions;

/// Bytes of a frame; `LARGEST` in `petrel_worker/pipe.py`.
pub(crate) const LARGEST: usize = 16 << 20;
/// How long a sensor may leave a frame unread: a thread of its own reads all the time.
const READS_WITHIN: Duration = Duration::from_secs(30);

/// What is started.
#[derive(Debug)]
pub(crate) struct Program<'a> {
    pub(crate) sensor_ref: &'a str,
    pub(crate) interpreter: &'a Interpreter,
    pub(crate) worker: &'a Path,
    pub(crate) pack_folder: &'a Path,
}

/// Why a sensor has no process, or cannot be spoken with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    #[error("`{0}` cannot be started: is Python installed?")]
    Spawn(PathBuf, #[source] io::Error),
    #[error("the sensor's process does not read what it is told")]
    Deaf,
    #[error("what the sensor is to be told has {0} bytes, and {LARGEST} are the most")]
    TooLong(usize),
    #[error("the sensor's process cannot be spoken with")]
    Pipe(#[from] io::Error),
    #[error("the sensor's process says what makes no sense")]
    Nonsense(#[from] serde_json::Error),
}

/// A process and its group. Dropped, the group is killed.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    group: Option<Pid>,
    writer: FramedWrite<OwnedWriteHalf, LengthDelimitedCodec>,
}

/// What is read of a process.
#[derive(Debug)]
pub(crate) struct Streams {
    pub(crate) frames: Frames,
    pub(crate) stdout: Option<ChildStdout>,
    pub(crate) stderr: Option<ChildStderr>,
}

/// What a process says.
#[derive(Debug)]
pub(crate) struct Frames(FramedRead<OwnedReadHalf, LengthDelimitedCodec>);

impl Frames {
    /// The next one; `None` at the end. Nothing is lost where this is dropped.
    ///
    /// A process that was killed may leave half a frame, or answers that it has not read, which its kernel tells as a
    /// reset connection. Both are an end like any other: what ended it is known from its exit.
    pub(crate) async fn next(&mut self) -> Option<Result<Value, ProcessError>> {
        match self.0.next().await? {
            Ok(frame) => Some(serde_json::from_slice(&frame).map_err(ProcessError::from)),
            // A frame that is longer than allowed.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Some(Err(error.into())),
            Err(_) => None,
        }
    }
}

impl Process {
    /// Starts one.
    pub(crate) fn start(
        program: &Program<'_>,
        options: &SensorOptions,
    ) -> Result<(Self, Streams), ProcessError> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut command = command(program, options);
        command.stdin(Stdio::from(std::os::fd::OwnedFd::from(theirs)));
        let failed = |error| ProcessError::Spawn(program.interpreter.program.clone(), error);
        let mut child = command.spawn().map_err(failed)?;
        let (reader, writer) = UnixStream::from_std(ours)?.into_split();
        let streams = Streams {
            frames: Frames(FramedRead::new(reader, codec())),
            stdout: child.stdout.take(),
            stderr: child.stderr.take(),
        };
        let group = child.id().and_then(|id| i32::try_from(id).ok());
        let process = Self {
            group: group.map(Pid::from_raw),
            child,
            writer: FramedWrite::new(writer, codec()),
        };
        Ok((process, streams))
    }

    pub(crate) fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits for the end of the first process of the group.
    pub(crate) async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    /// Sends a frame. One that has ended meanwhile is not told anything; its end is noticed by [`Process::wait`].
    pub(crate) async fn tell(&mut self, frame: String) -> Result<(), ProcessError> {
        if frame.len() > LARGEST {
            return Err(ProcessError::TooLong(frame.len()));
        }
        let sent = self.writer.send(Bytes::from(frame));
        match tokio::time::timeout(READS_WITHIN, sent).await {
            Ok(Err(error)) if has_ended(&error) => Ok(()),
            Ok(sent) => Ok(sent?),
            Err(_) => Err(ProcessError::Deaf),
        }
    }

    /// Signals all of the group.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(group) = self.group {
            // What fails here: the group is gone already.
            killpg(group, signal).ok();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
    }
}

fn has_ended(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset};
    matches!(error.kind(), BrokenPipe | ConnectionReset)
}

fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder()
        .max_frame_length(LARGEST)
        .new_codec()
}

/// What is shown of the command line, and run.
pub(crate) fn arguments(program: &Program<'_>) -> [String; 5] {
    [
        "-u".to_owned(),
        program.worker.display().to_string(),
        "sensor".to_owned(),
        std::process::id().to_string(),
        program.sensor_ref.to_owned(),
    ]
}

fn command(program: &Program<'_>, options: &SensorOptions) -> Command {
    let inherited = &options.environment;
    let mut command = Command::new(&program.interpreter.program);
    command
        .args(arguments(program))
        .env_clear()
        .envs(inherited)
        .env(
            "PYTHONPATH",
            python_path(program.pack_folder, inherited, program.worker),
        )
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(path) = program.interpreter.path(inherited) {
        command.env("PATH", path);
    }
    if let Some(url) = &options.api_url {
        command.env("ST2_ACTION_API_URL", url);
    }
    command
}
