//! A PostgreSQL server for the length of a test run.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, Executor as _, PgConnection};

const MISSING: &str = "PostgreSQL is not installed: run `scripts/test-servers install`, or name a server in \
                       PETREL_TEST_POSTGRES_URL";

/// A server in a temporary folder. It goes away with the process that started it.
pub(crate) struct Server {
    programs: PathBuf,
    folder: PathBuf,
    port: u16,
}

static SHARED: OnceLock<String> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The URL of a fresh, empty database on the shared server.
pub(crate) async fn fresh_database() -> String {
    let base = SHARED.get_or_init(|| match std::env::var("PETREL_TEST_POSTGRES_URL") {
        Ok(url) => url,
        Err(_) => Server::start().leak_until_exit(),
    });
    let name = format!(
        "store_{}_{}",
        std::process::id(),
        DATABASES.fetch_add(1, Ordering::Relaxed)
    );
    let mut connection = PgConnection::connect(base)
        .await
        .expect("the test server answers");
    connection
        .execute(sqlx::AssertSqlSafe(format!(
            "create database {name} template template0"
        )))
        .await
        .expect("a database can be made");
    connection.close().await.expect("the connection closes");
    let (server, _) = base.rsplit_once('/').expect("the URL names a database");
    format!("{server}/{name}")
}

impl Server {
    /// Makes and starts a server on a free port.
    pub(crate) fn start() -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new()
            .prefix("petrel-postgres-")
            .tempdir()
            .expect("a folder")
            .keep();
        give_to_postgres(&folder);
        let port = free_port();
        let server = Self {
            programs,
            folder,
            port,
        };
        let data = server.data();
        server.run(
            "initdb",
            &[
                "-D",
                &data,
                "-U",
                "postgres",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--no-sync",
            ],
        );
        server.boot();
        server
    }

    /// Starts it (again).
    pub(crate) fn boot(&self) {
        let settings = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 -c shared_buffers=64MB",
            self.port,
            self.folder.display()
        );
        let log = self.folder.join("log").display().to_string();
        self.run(
            "pg_ctl",
            &[
                "-D",
                &self.data(),
                "-l",
                &log,
                "-o",
                &settings,
                "-w",
                "-s",
                "start",
            ],
        );
    }

    /// Stops it at once.
    pub(crate) fn halt(&self) {
        self.run(
            "pg_ctl",
            &["-D", &self.data(), "-m", "immediate", "-w", "-s", "stop"],
        );
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = as_postgres(&self.programs.join(program));
        let done = command
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("PostgreSQL's programs start");
        assert!(
            done.success(),
            "{program} {arguments:?} failed; see {}",
            self.folder.join("log").display()
        );
    }

    /// Lets the server run until this process ends, however it does: a watcher that reads from it stops the server.
    fn leak_until_exit(self) -> String {
        let stop = format!(
            "cat; {} -D {} -m immediate -s stop; rm -rf {}",
            self.programs.join("pg_ctl").display(),
            self.data(),
            self.folder.display()
        );
        #[expect(
            clippy::zombie_processes,
            reason = "the watcher outlives this process, which therefore cannot wait"
        )]
        let watcher = as_postgres(Path::new("/bin/sh"))
            .args(["-c", &stop])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a watcher starts");
        let url = self.url();
        std::mem::forget(watcher.stdin);
        std::mem::forget(self);
        url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.halt();
        if let Err(error) = std::fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left: {error}", self.folder.display());
        }
    }
}

/// A command as the user `postgres` where this process is root, whom PostgreSQL refuses to run for.
fn as_postgres(program: &Path) -> Command {
    if !nix::unistd::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

fn give_to_postgres(folder: &Path) {
    if nix::unistd::geteuid().is_root() {
        let owner = nix::unistd::User::from_name("postgres")
            .expect("users can be read")
            .expect(MISSING);
        nix::unistd::chown(folder, Some(owner.uid), Some(owner.gid))
            .expect("the folder changes hands");
    }
}

fn programs() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().expect(MISSING)
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    listener.local_addr().expect("it has an address").port()
}
