//! PostgreSQL.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use std::os::unix::process::CommandExt;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use nix::unistd::{User, chown};

use super::free_port;
use super::guardian::Guardian;
use super::process::Process;

const START_DEADLINE: Duration = Duration::from_mins(1);
/// The superuser of the throw-away cluster; it needs no password.
const USER: &str = "petrel";

/// Whether commits reach the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// They survive the death of the server's processes, but not of the machine: right for tests.
    Processes,
    /// They are synced, as in production: right for benches.
    Disk,
}

/// A PostgreSQL cluster in a temporary folder.
#[derive(Debug)]
pub struct Postgres {
    // First, so that the server ends before its folder is removed.
    process: Option<Process>,
    bin: PathBuf,
    port: u16,
    durability: Durability,
    databases: AtomicU32,
    guardian: Guardian,
}

impl Postgres {
    /// Makes and starts a cluster.
    ///
    /// # Errors
    /// Where PostgreSQL is not installed, or does not start (with what it printed).
    pub fn start() -> Result<Self> {
        Self::start_with(Durability::Processes)
    }

    /// The same, choosing whether commits are synced to disk.
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub fn start_with(durability: Durability) -> Result<Self> {
        let guardian = Guardian::new("postgres")?;
        let (bin, port, databases) = (bin()?, free_port()?, AtomicU32::new(0));
        let mut postgres = Self {
            process: None,
            bin,
            port,
            durability,
            databases,
            guardian,
        };
        postgres.initialise()?;
        postgres.run()?;
        Ok(postgres)
    }

    /// The one that the tests of this binary share.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start().unwrap_or_else(|error| panic!("{error:#}")))
    }

    /// Makes an empty database and gives its URL.
    ///
    /// # Errors
    /// Where the server is not running.
    pub fn fresh_database(&self) -> Result<String> {
        let name = format!("story_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut createdb = self.command("createdb");
        createdb.args([
            "--host=127.0.0.1",
            "--username",
            USER,
            "--port",
            &self.port.to_string(),
            &name,
        ]);
        check(
            &createdb.output().context("`createdb` cannot be started")?,
            "createdb",
        )?;
        Ok(self.url(&name))
    }

    /// The URL of one of its databases (`postgres` always exists).
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port, which stays the same through restarts.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Stops it, ending connections, and starts it again on the same port.
    ///
    /// # Errors
    /// Where it does not stop or start in time.
    pub fn restart(&mut self) -> Result<()> {
        self.stop()?;
        self.run()
    }

    /// Stops it in order, ending connections. [`Postgres::run`] starts it again.
    ///
    /// # Errors
    /// Where it does not stop in time.
    pub fn stop(&mut self) -> Result<()> {
        self.end(Signal::SIGINT)
    }

    /// Kills it as a crash would. [`Postgres::run`] starts it again.
    ///
    /// # Errors
    /// Where it cannot be signalled.
    pub fn kill9(&mut self) -> Result<()> {
        self.end(Signal::SIGKILL)
    }

    /// Starts it on its port and waits until it accepts connections; does nothing where it runs.
    ///
    /// # Errors
    /// Where it does not start in time (with what it printed).
    pub fn run(&mut self) -> Result<()> {
        if self.process.is_some() {
            return Ok(());
        }
        let process = Process::start(
            "postgres",
            self.guardian.folder(),
            "QUIT",
            &mut self.server(),
        )?;
        let process = self.process.insert(process);
        let port = self.port.to_string();
        process.wait_until(START_DEADLINE, || {
            let mut probe = Command::new(self.bin.join("pg_isready"));
            probe.args([
                "--quiet",
                "--host=127.0.0.1",
                "--dbname=postgres",
                "--port",
                &port,
            ]);
            probe.status().is_ok_and(|status| status.success())
        })
    }

    fn end(&mut self, signal: Signal) -> Result<()> {
        self.process
            .take()
            .map_or(Ok(()), |mut process| process.end(signal))
    }

    /// `initdb` and the server refuse to be root, who therefore needs the package's own user.
    fn initialise(&self) -> Result<()> {
        if let Some(user) = unprivileged()? {
            chown(self.guardian.folder(), Some(user.uid), Some(user.gid))?;
        }
        let mut initdb = self.command("initdb");
        initdb.args([
            "--username",
            USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ]);
        initdb.arg("--pgdata").arg(self.data());
        check(
            &initdb.output().context("`initdb` cannot be started")?,
            "initdb",
        )
    }

    fn server(&self) -> Command {
        let mut server = self.command("postgres");
        server.arg("-D").arg(self.data());
        let mut set = |name: &str, value: &str| {
            server.arg("-c").arg(format!("{name}={value}"));
        };
        set("port", &self.port.to_string());
        set("listen_addresses", "127.0.0.1");
        set("unix_socket_directories", "");
        set("max_connections", "300");
        set("shared_buffers", "128MB");
        if self.durability == Durability::Processes {
            set("fsync", "off");
            set("full_page_writes", "off");
        }
        server
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command
            .current_dir(self.guardian.folder())
            .env("LC_ALL", "C")
            .env("TZ", "UTC");
        if let Ok(Some(user)) = unprivileged() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.guardian.folder().join("data")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Err(error) = self.end(Signal::SIGQUIT) {
            eprintln!("{error:#}");
        }
    }
}

fn check(output: &Output, program: &str) -> Result<()> {
    if !output.status.success() {
        bail!(
            "`{program}` failed: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(())
}

/// The user to run as where this process is root's.
fn unprivileged() -> Result<Option<User>> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    let user = User::from_name("postgres")?;
    user.map(Some)
        .context("there is no user `postgres`: run `scripts/test-servers install`")
}

/// Where the newest installed PostgreSQL keeps its programs: Debian leaves them out of the search path.
fn bin() -> Result<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            Some((
                entry.file_name().to_str()?.parse().ok()?,
                entry.path().join("bin"),
            ))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .collect();
    versions.sort();
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|folder: &PathBuf| has_initdb(folder))
    };
    let newest = versions.pop().map(|(_, bin)| bin);
    newest
        .or_else(in_path)
        .context("PostgreSQL is not installed: run `scripts/test-servers install`")
}

fn has_initdb(folder: &Path) -> bool {
    folder.join("initdb").exists()
}
