//! One execution: a fork of a warm parent, and the ways to it.

use std::io::{self, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::sys::signal::{Signal as UnixSignal, killpg};
use nix::unistd::{Pid, pipe2};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::oneshot;

use crate::python::parent::Parent;
use crate::supervise::Leader;

/// The largest result, bytes of JSON.
const LARGEST_ANSWER: u64 = 64 << 20;
/// What a fork tells begins with this: a result, its length (8 bytes) and its JSON.
const RESULT: u8 = b'r';
/// Or with this: its end, and its exit code (4 bytes).
const END: u8 = b'e';
/// How long a parent may take to fork: it may be importing libraries meanwhile.
const PATIENCE: Duration = Duration::from_mins(1);

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
    pub(super) talk: Talk,
    pub(super) stdout: Receiver,
    pub(super) stderr: Receiver,
}

/// Where a fork reads its request, and tells its result and its end.
#[derive(Debug)]
pub(super) struct Talk {
    stream: UnixStream,
    /// Bytes of the request that were sent along with the question for the fork.
    sent: usize,
    end: oneshot::Sender<i32>,
}

/// A fork. Dropped before it has ended, its process group is killed.
#[derive(Debug)]
pub(super) struct Fork {
    group: Option<Pid>,
    status: BufReader<Receiver>,
    /// As far as it was read.
    line: String,
    /// The exit code as the fork itself tells it, before the kernel has taken it apart.
    told: Option<oneshot::Receiver<i32>>,
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
    /// Nothing was run, and nothing will be.
    #[error("the warm Python process did not fork within {} seconds", .0.as_secs())]
    Late(Duration),
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
    /// Asks `parent` for one. As much of the request as the socket takes goes along, but for its last byte: a fork that
    /// comes when this was dropped does not run it.
    pub(super) async fn of(parent: &Arc<Parent>, request: &[u8]) -> Result<Self, ForkError> {
        let asked = tokio::time::timeout(PATIENCE, Self::asked(parent, request)).await;
        asked.unwrap_or(Err(ForkError::Late(PATIENCE)))
    }

    async fn asked(parent: &Arc<Parent>, request: &[u8]) -> Result<Self, ForkError> {
        let (mut fork, far) = Self::prepared(parent, request).map_err(ForkError::Pipes)?;
        if parent.ask(&far.descriptors()).await.is_err() {
            return Err(ForkError::Gone);
        }
        drop(far);
        let read = Self::read_line(&mut fork.status, &mut fork.line).await;
        read.map_err(ForkError::Pipes)?;
        let line = std::mem::take(&mut fork.line);
        match line.trim_end().split_once(' ') {
            Some(("pid", pid)) => fork.group = pid.parse().ok().map(Pid::from_raw),
            Some(("failed", reason)) => return Err(ForkError::Refused(reason.to_owned())),
            // The parent was killed, or it has seen the fork die before it could say anything.
            _ => return Err(ForkError::Gone),
        }
        Ok(fork)
    }

    fn prepared(parent: &Arc<Parent>, request: &[u8]) -> io::Result<(Self, FarEnds)> {
        let (mut talk, far_talk) = std::os::unix::net::UnixStream::pair()?;
        talk.set_nonblocking(true)?;
        let sent = match talk.write(request.split_last().map_or(request, |(_, rest)| rest)) {
            Ok(sent) => sent,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        let (end, told) = oneshot::channel();
        let (status, far_status) = pipe()?;
        let (stdout, far_stdout) = pipe()?;
        let (stderr, far_stderr) = pipe()?;
        let fork = Self {
            group: None,
            status: BufReader::with_capacity(256, status),
            line: String::new(),
            told: Some(told),
            left: None,
            streams: Some(Streams {
                talk: Talk {
                    stream: UnixStream::from_std(talk)?,
                    sent,
                    end,
                },
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

    /// The exit code, from the fork or from its parent, whoever tells it first; `None` where nobody does.
    async fn end(&mut self) -> io::Result<Option<i32>> {
        if let Some(told) = &mut self.told {
            let told = tokio::select! {
                told = told => Some(told),
                read = Self::read_line(&mut self.status, &mut self.line) => { read?; None }
            };
            match told {
                Some(Ok(code)) => return Ok(Some(code)),
                // It ends without a word.
                Some(Err(_)) => self.told = None,
                None => {}
            }
        }
        Self::read_line(&mut self.status, &mut self.line).await?;
        let code = self.line.trim_end().strip_prefix("exit ");
        Ok(code.and_then(|code| code.parse().ok()))
    }

    /// Goes on reading a line of the status; what was read stays where this is dropped.
    async fn read_line(status: &mut BufReader<Receiver>, line: &mut String) -> io::Result<()> {
        while !line.ends_with('\n') {
            let piece = status.fill_buf().await?;
            if piece.is_empty() {
                break;
            }
            let end = piece
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(piece.len(), |at| at + 1);
            line.push_str(&String::from_utf8_lossy(&piece[..end]));
            status.consume(end);
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
        let left = if let Some(code) = self.end().await? {
            Left::With(code)
        } else {
            Left::Lost
        };
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

/// Sends what is left of the request, and reads what the fork tells.
pub(super) async fn converse(talk: Talk, request: &[u8], answer: &mut Answer) {
    let Talk {
        mut stream,
        sent,
        end,
    } = talk;
    // A fork that dies meanwhile does not read to the end, and its end is told elsewhere.
    if stream.write_all(&request[sent..]).await.is_ok() && stream.shutdown().await.is_ok() {
        let told = listen(&mut stream, answer).await;
        if let Ok(Some(code)) = told {
            // Nobody listens where it was killed meanwhile.
            end.send(code).ok();
        }
    }
}

/// Reads until the end, and gives its exit code; `None` where something else was told.
async fn listen(stream: &mut UnixStream, answer: &mut Answer) -> io::Result<Option<i32>> {
    loop {
        match stream.read_u8().await? {
            RESULT => *answer = read_answer(stream).await?,
            END => return stream.read_i32().await.map(Some),
            _ => return Ok(None),
        }
    }
}

async fn read_answer(stream: &mut UnixStream) -> io::Result<Answer> {
    let length = stream.read_u64().await?;
    let mut rest = stream.take(length);
    if length > LARGEST_ANSWER {
        // It is read nevertheless, so that the action comes to its end.
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await?;
        return Ok(Answer::TooLarge(length));
    }
    let mut json = Vec::new();
    rest.read_to_end(&mut json).await?;
    Ok(if json.len() as u64 == length {
        Answer::Json(json)
    } else {
        Answer::None
    })
}
