//! Runs a shell command in a process group of its own, to its end or until it must go.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use model::OutputStream;
use nix::sys::signal::Signal as UnixSignal;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use crate::capture::{Capture, Lines};
use crate::group::Group;
use crate::held::Signal;
use crate::output::LiveOutput;
use crate::supervise::{self, Allowance, Leader};

/// Output is read in pieces of this size.
const PIECE: usize = 32 << 10;

/// What to run.
#[derive(Debug)]
pub(crate) struct Job {
    /// For `/bin/sh -c`.
    pub(crate) command: String,
    /// Where; the runner's own folder otherwise.
    pub(crate) cwd: Option<PathBuf>,
    /// The whole environment.
    pub(crate) environment: BTreeMap<OsString, OsString>,
    /// What it reads; nothing otherwise.
    pub(crate) stdin: Option<String>,
    /// How long it may take.
    pub(crate) timeout: Option<Duration>,
    /// It runs as another user, by sudo.
    pub(crate) is_elevated: bool,
    /// How long it may take to end after SIGTERM.
    pub(crate) kill_grace: Duration,
    /// Bytes of each stream to keep.
    pub(crate) max_result: usize,
}

/// Why a command ended.
pub(crate) type End = supervise::End<ExitStatus>;

/// How it ended and what it printed.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) end: End,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Why a command was not run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProcessError {
    #[error("the working directory `{0}` does not exist")]
    NoDirectory(PathBuf),
    #[error("the working directory `{0}` cannot be used")]
    BadDirectory(PathBuf, #[source] io::Error),
    #[error("the shell cannot be started")]
    Spawn(#[source] io::Error),
    #[error("the command's end cannot be waited for")]
    Wait(#[source] io::Error),
}

/// Runs `job`; whatever `signal` wants ends it early. Lines go to `live` as they come.
pub(crate) async fn run(
    job: &Job,
    signal: &mut Signal,
    live: &LiveOutput,
) -> Result<Finished, ProcessError> {
    let mut child = spawn(job).await?;
    let (mut stdout, mut stderr) = (Capture::new(job.max_result), Capture::new(job.max_result));
    let end = {
        let (stdin, out, err) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let talk = pin!(async {
            tokio::join!(
                feed(stdin, job.stdin.as_deref()),
                read(out, OutputStream::Stdout, &mut stdout, live),
                read(err, OutputStream::Stderr, &mut stderr, live),
            );
        });
        let group = Group::of(&child, job);
        let allowance = Allowance {
            timeout: job.timeout,
            kill_grace: job.kill_grace,
        };
        supervise::supervise(&mut Shell { group, child }, talk, allowance, signal)
            .await
            .map_err(ProcessError::Wait)?
    };
    Ok(Finished {
        end,
        stdout: stdout.into_text(),
        stderr: stderr.into_text(),
    })
}

async fn spawn(job: &Job) -> Result<Child, ProcessError> {
    if let Some(cwd) = &job.cwd {
        match tokio::fs::metadata(cwd).await {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                return Err(ProcessError::BadDirectory(
                    cwd.clone(),
                    io::ErrorKind::NotADirectory.into(),
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(ProcessError::NoDirectory(cwd.clone()));
            }
            Err(error) => return Err(ProcessError::BadDirectory(cwd.clone(), error)),
        }
    }
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(&job.command)
        .env_clear()
        .envs(&job.environment)
        .process_group(0);
    command.stdin(if job.stdin.is_some() {
        Stdio::piped()
    } else {
        Stdio::null()
    });
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    if let Some(cwd) = &job.cwd {
        command.current_dir(cwd);
    }
    command.spawn().map_err(ProcessError::Spawn)
}

/// A shell and its group.
struct Shell<'a> {
    /// Before the child, so that all of it goes at once.
    group: Group<'a>,
    child: Child,
}

impl Leader for Shell<'_> {
    type Status = ExitStatus;

    async fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait().await
    }

    async fn signal(&mut self, signal: UnixSignal) {
        self.group.signal(signal).await;
    }

    fn release(&mut self) {
        self.group.release();
    }
}

async fn feed(stdin: Option<tokio::process::ChildStdin>, text: Option<&str>) {
    if let (Some(mut stdin), Some(text)) = (stdin, text) {
        // A command that does not want to read it closes the pipe.
        drop(stdin.write_all(text.as_bytes()).await);
    }
}

/// Reads one of the streams to its end: keeps what there is room for, and sends lines to `live`.
pub(crate) async fn read(
    source: Option<impl AsyncRead + Unpin>,
    stream: OutputStream,
    capture: &mut Capture,
    live: &LiveOutput,
) {
    let Some(mut source) = source else { return };
    let mut buffer = vec![0; PIECE];
    let mut lines = Lines::default();
    loop {
        match source.read(&mut buffer).await {
            Ok(0) => break,
            Ok(count) => {
                capture.push(&buffer[..count]);
                live.send(stream, lines.push(&buffer[..count])).await;
            }
            Err(error) => {
                tracing::warn!(
                    stream = stream.as_str(),
                    "the output of an action cannot be read further: {error}"
                );
                break;
            }
        }
    }
    live.send(stream, lines.finish().into_iter().collect())
        .await;
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;

    use nix::unistd::Pid;
    use tokio::time::Instant;

    use super::*;
    use crate::held::{Held, Wanted};
    use crate::output::{OutputSource, channel};

    struct Bench {
        held: Held,
        id: model::ExecutionId,
        live: LiveOutput,
        source: OutputSource,
    }

    fn bench() -> Bench {
        let (sink, source) = channel();
        let id = model::IdSource::new().next("2026-01-01T00:00:00Z".parse().unwrap());
        let held = Held::new();
        held.expect(id);
        Bench {
            live: LiveOutput::new(id, sink, lifecycle::Clock::system(), 1000),
            held,
            id,
            source,
        }
    }

    fn job(command: &str) -> Job {
        Job {
            command: command.to_owned(),
            cwd: None,
            environment: std::env::vars_os().collect(),
            stdin: None,
            timeout: Some(Duration::from_secs(30)),
            is_elevated: false,
            kill_grace: Duration::from_millis(300),
            max_result: 1 << 20,
        }
    }

    async fn run_here(job: Job) -> Finished {
        let bench = bench();
        run(
            &job,
            &mut bench.held.confirm(bench.id).unwrap(),
            &bench.live,
        )
        .await
        .unwrap()
    }

    /// Whether a process is there and is no zombie.
    fn is_alive(pid: &str) -> bool {
        std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| {
            !stat
                .rsplit_once(") ")
                .is_some_and(|(_, rest)| rest.starts_with('Z'))
        })
    }

    async fn until(what: &str, condition: impl Fn() -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !condition() {
            assert!(Instant::now() < deadline, "waited in vain until {what}");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn gives_back_both_streams_and_the_exit_code() {
        let finished = run_here(job("echo out; echo err >&2; exit 3")).await;

        assert_eq!(
            (finished.stdout.as_str(), finished.stderr.as_str()),
            ("out\n", "err\n")
        );
        assert_eq!(finished.end, End::Exited(ExitStatus::from_raw(3 << 8)));
    }

    #[tokio::test]
    async fn hands_over_stdin_and_closes_it() {
        let finished = run_here(Job {
            stdin: Some("secret\n".into()),
            ..job("cat")
        })
        .await;

        assert_eq!(finished.stdout, "secret\n");
    }

    #[tokio::test]
    async fn reads_nothing_from_the_runners_own_stdin() {
        assert_eq!(run_here(job("cat; echo done")).await.stdout, "done\n");
    }

    #[tokio::test]
    async fn kills_the_whole_group_when_time_is_up() {
        let timeout = Some(Duration::from_millis(300));

        let finished = run_here(Job {
            timeout,
            ..job("sleep 1000 & echo $!; wait")
        })
        .await;

        assert_eq!(finished.end, End::TimedOut);
        until("the grandchild is gone", || !is_alive(&finished.stdout)).await;
    }

    #[tokio::test]
    async fn kills_a_script_that_ignores_sigterm() {
        let timeout = Some(Duration::from_millis(300));

        let finished = run_here(Job {
            timeout,
            ..job("trap '' TERM; echo $$; while :; do sleep 0.05; done")
        })
        .await;

        assert_eq!(finished.end, End::TimedOut);
        until("the script is gone", || !is_alive(&finished.stdout)).await;
    }

    #[tokio::test]
    async fn asks_sudo_to_signal_what_runs_as_somebody_else() {
        let folder = tempfile::tempdir().unwrap();
        let (sudo, asked) = (folder.path().join("sudo"), folder.path().join("asked"));
        std::fs::write(
            &sudo,
            format!("#!/bin/sh\necho \"$*\" >> {}\n", asked.display()),
        )
        .unwrap();
        std::fs::set_permissions(&sudo, std::fs::Permissions::from_mode(0o755)).unwrap();
        let mut job = Job {
            timeout: Some(Duration::from_millis(300)),
            is_elevated: true,
            ..job("echo $$; exec sleep 1000")
        };
        job.environment.insert(
            "PATH".into(),
            format!("{}:/usr/bin:/bin", folder.path().display()).into(),
        );

        let finished = run_here(job).await;

        let group = finished.stdout.trim();
        let expected =
            format!("-n -- sh -c kill -TERM -{group}\n-n -- sh -c kill -KILL -{group}\n");
        assert_eq!(std::fs::read_to_string(asked).unwrap(), expected);
    }

    #[tokio::test]
    async fn lets_a_script_clean_up_after_sigterm() {
        let job = Job {
            timeout: Some(Duration::from_millis(300)),
            kill_grace: Duration::from_secs(20),
            ..job("trap 'echo cleaned; exit 0' TERM; while :; do sleep 0.05; done")
        };

        assert_eq!(run_here(job).await.stdout, "cleaned\n");
    }

    #[tokio::test]
    async fn ends_at_once_when_it_is_canceled() {
        let mut bench = bench();
        let mut signal = bench.held.confirm(bench.id).unwrap();
        let job = job("echo started; sleep 1000");

        let (finished, ()) = tokio::join!(run(&job, &mut signal, &bench.live), async {
            bench.source.wait_for_lines().await;
            bench.held.want(bench.id, Wanted::Cancel);
        });

        let finished = finished.unwrap();
        assert_eq!(finished.end, End::Interrupted(Wanted::Cancel));
        assert_eq!(finished.stdout, "started\n");
    }

    #[tokio::test]
    async fn does_not_wait_for_what_the_command_left_behind() {
        let before = Instant::now();

        let finished = run_here(job("sleep 1000 & echo $!")).await;

        assert!(matches!(finished.end, End::Exited(status) if status.success()));
        assert!(before.elapsed() < Duration::from_secs(15));
        assert!(
            is_alive(&finished.stdout),
            "a daemon that an action starts stays"
        );
        nix::sys::signal::kill(
            Pid::from_raw(finished.stdout.trim().parse().unwrap()),
            UnixSignal::SIGKILL,
        )
        .unwrap();
    }

    #[tokio::test]
    async fn keeps_a_bounded_part_of_endless_output() {
        let job = Job {
            max_result: 1000,
            ..job("head -c 50000000 /dev/zero | tr '\\0' x")
        };

        let finished = run_here(job).await;

        assert!(finished.stdout.len() < 1100);
        assert!(
            finished
                .stdout
                .ends_with("[truncated: 49999000 more bytes were printed]\n")
        );
    }

    #[tokio::test]
    async fn says_which_working_directory_does_not_exist() {
        let (bench, job) = (
            bench(),
            Job {
                cwd: Some("/no/such/folder".into()),
                ..job("true")
            },
        );

        let error = run(
            &job,
            &mut bench.held.confirm(bench.id).unwrap(),
            &bench.live,
        )
        .await
        .unwrap_err();

        assert_eq!(
            error.to_string(),
            "the working directory `/no/such/folder` does not exist"
        );
    }
}
