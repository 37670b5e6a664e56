//! One execution: a fork of a warm parent, and the ways to it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use nix::fcntl::OFlag;
use nix::sys::signal::{Signal as UnixSignal, killpg};
use nix::unistd::{Pid, pipe2};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::pipe::Receiver;

use crate::python::parent::Parent;
use crate::supervise::Leader;

/// The largest result, bytes of JSON.
const LARGEST_ANSWER: u64 = 64 << 20;

/// How a fork left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// With this exit code; of a signal, its negative number.
    With(i32),
    /// Together with its parent, or unnoticed.
    Lost,
}

/// What an action gave back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing: it failed, or left by itself.
    #[default]
    None,
    /// JSON.
    Json(Vec<u8>),
    /// JSON of so many bytes, which is too much.
    TooLarge(u64),
}

/// What is read of a fork, and written to it.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) talk: UnixStream,
    pub(super) stdout: Receiver,
    pub(super) stderr: Receiver,
}

/// A fork. Dropped before it has ended, its process group is killed.
#[derive(Debug)]
pub(super) struct Fork {
    group: Option<Pid>,
    status: BufReader<Receiver>,
    /// As far as it was read.
    line: String,
    left: Option<Left>,
    streams: Option<Streams>,
    /// A parent lives as long as its forks.
    _parent: Arc<Parent>,
}

/// Why there is no fork.
#[derive(Debug, thiserror::Error)]
pub(super) enum ForkError {
    /// Nothing was run: another parent may be asked.
    #[error("the warm Python process has ended")]
    Gone,
    #[error("the warm Python process cannot fork: {0}")]
    Refused(String),
    #[error("no pipes can be made for the execution")]
    Pipes(#[source] io::Error),
}

/// The far ends, which go to the parent.
struct FarEnds {
    talk: std::os::unix::net::UnixStream,
    status: OwnedFd,
    stdout: OwnedFd,
    stderr: OwnedFd,
}

impl FarEnds {
    fn descriptors(&self) -> [BorrowedFd<'_>; 4] {
        [
            self.talk.as_fd(),
            self.status.as_fd(),
            self.stdout.as_fd(),
            self.stderr.as_fd(),
        ]
    }
}

impl Fork {
    /// Asks `parent` for one.
    pub(super) async fn of(parent: &Arc<Parent>) -> Result<Self, ForkError> {
        let (mut fork, far) = Self::prepared(parent).map_err(ForkError::Pipes)?;
        if parent.ask(&far.descriptors()).await.is_err() {
            return Err(ForkError::Gone);
        }
        drop(far);
        fork.read_line().await.map_err(ForkError::Pipes)?;
        let line = std::mem::take(&mut fork.line);
        match line.trim_end().split_once(' ') {
            Some(("pid", pid)) => fork.group = pid.parse().ok().map(Pid::from_raw),
            Some(("failed", reason)) => return Err(ForkError::Refused(reason.to_owned())),
            // The parent was killed, or it has seen the fork die before it could say anything.
            _ => return Err(ForkError::Gone),
        }
        Ok(fork)
    }

    fn prepared(parent: &Arc<Parent>) -> io::Result<(Self, FarEnds)> {
        let (talk, far_talk) = std::os::unix::net::UnixStream::pair()?;
        talk.set_nonblocking(true)?;
        let (status, far_status) = pipe()?;
        let (stdout, far_stdout) = pipe()?;
        let (stderr, far_stderr) = pipe()?;
        let fork = Self {
            group: None,
            status: BufReader::with_capacity(256, status),
            line: String::new(),
            left: None,
            streams: Some(Streams {
                talk: UnixStream::from_std(talk)?,
                stdout,
                stderr,
            }),
            _parent: Arc::clone(parent),
        };
        let far = FarEnds {
            talk: far_talk,
            status: far_status,
            stdout: far_stdout,
            stderr: far_stderr,
        };
        Ok((fork, far))
    }

    /// The streams, once.
    ///
    /// # Panics
    ///
    /// Where they were taken before.
    pub(super) fn take_streams(&mut self) -> Streams {
        self.streams.take().expect("the streams are taken once")
    }

    /// Goes on reading a line of the status; what was read stays where this is dropped.
    async fn read_line(&mut self) -> io::Result<()> {
        while !self.line.ends_with('\n') {
            let piece = self.status.fill_buf().await?;
            if piece.is_empty() {
                break;
            }
            let end = piece
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(piece.len(), |at| at + 1);
            self.line.push_str(&String::from_utf8_lossy(&piece[..end]));
            self.status.consume(end);
        }
        Ok(())
    }

    fn signal_group(&self, signal: UnixSignal) {
        if let Some(group) = self.group {
            // What fails here: the group is gone already.
            killpg(group, signal).ok();
        }
    }
}

impl Leader for Fork {
    type Status = Left;

    async fn wait(&mut self) -> io::Result<Left> {
        if let Some(left) = self.left {
            return Ok(left);
        }
        self.read_line().await?;
        let code = self.line.trim_end().strip_prefix("exit ");
        let left = code
            .and_then(|code| code.parse().ok())
            .map_or(Left::Lost, Left::With);
        if left == Left::Lost {
            // Nobody else ends what it has started.
            self.signal_group(UnixSignal::SIGKILL);
        }
        self.left = Some(left);
        Ok(left)
    }

    async fn signal(&mut self, signal: UnixSignal) {
        self.signal_group(signal);
    }

    fn release(&mut self) {
        self.group = None;
    }
}

impl Drop for Fork {
    fn drop(&mut self) {
        self.signal_group(UnixSignal::SIGKILL);
    }
}

fn pipe() -> io::Result<(Receiver, OwnedFd)> {
    let (near, far) = pipe2(OFlag::O_CLOEXEC)?;
    Ok((Receiver::from_owned_fd(near)?, far))
}

/// Sends the request, and reads the answer.
pub(super) async fn converse(mut talk: UnixStream, request: &[u8], answer: &mut Answer) {
    // A fork that dies meanwhile does not read to the end, and its end is told elsewhere.
    if talk.write_all(request).await.is_ok() && talk.shutdown().await.is_ok() {
        *answer = read_answer(&mut talk).await.unwrap_or_default();
    }
}

async fn read_answer(talk: &mut UnixStream) -> io::Result<Answer> {
    let length = talk.read_u64().await?;
    if length > LARGEST_ANSWER {
        // It is read nevertheless, so that the action comes to its end.
        tokio::io::copy(talk, &mut tokio::io::sink()).await?;
        return Ok(Answer::TooLarge(length));
    }
    let mut json = Vec::new();
    talk.take(length).read_to_end(&mut json).await?;
    Ok(if json.len() as u64 == length {
        Answer::Json(json)
    } else {
        Answer::None
    })
}
