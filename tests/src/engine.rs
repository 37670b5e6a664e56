//! Petrel itself, run as its users run it: the real binary, in one process or in many.

mod files;
mod http;
mod process;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::servers::{Postgres, RabbitMq, free_port, wait_until};

pub use http::{Answer, Http};
pub use process::{EngineProcess, binary};

/// How long anything that an engine does may take in a story.
pub const DEADLINE: Duration = Duration::from_mins(1);
/// How long an engine may take to start: six processes and a schema, beside all the other stories.
const START: Duration = Duration::from_mins(3);

/// What an engine stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// `petrel up`: SQLite, everything in one process.
    Embedded,
    /// `petrel serve` in a process per role, on PostgreSQL and RabbitMQ.
    Clustered,
}

/// The roles of a cluster, a process each.
pub const ROLES: [&str; 6] = ["api", "rules", "runner", "scheduler", "sensors", "workflow"];

/// A running engine with a data folder, a store and an address of its own.
#[derive(Debug)]
pub struct Engine {
    /// Its API.
    pub http: Http,
    /// Its processes, by role; the embedded one is `up`.
    pub processes: Vec<EngineProcess>,
    /// Its folders of packs: copies of those in its options.
    pub packs: Vec<PathBuf>,
    folder: tempfile::TempDir,
    port: u16,
}

/// How an engine is to be started.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// What it stands on.
    pub backend: Backend,
    /// Folders of packs, registered at start. The engine gets copies: it may write into its packs.
    pub packs: Vec<PathBuf>,
    /// Configurations of packs: the name of the pack and the text of its file.
    pub configurations: Vec<(String, String)>,
    /// `petrel serve` takes these instead of the shared servers: a database URL and a broker URL.
    pub servers: Option<(String, String)>,
    /// Processes for each role but the API.
    pub copies: usize,
    /// Further arguments of every process.
    pub arguments: Vec<String>,
}

impl EngineOptions {
    /// An engine with the packs of the repository.
    #[must_use]
    pub fn new(backend: Backend) -> Self {
        Self {
            backend,
            packs: vec![repository().join("packs")],
            configurations: Vec::new(),
            servers: None,
            copies: 1,
            arguments: Vec::new(),
        }
    }

    /// With this folder of packs too.
    #[must_use]
    pub fn with_packs(mut self, folder: impl Into<PathBuf>) -> Self {
        self.packs.push(folder.into());
        self
    }

    /// With a configuration of this pack.
    #[must_use]
    pub fn with_configuration(mut self, pack: &str, text: &str) -> Self {
        self.configurations.push((pack.to_owned(), text.to_owned()));
        self
    }
}

/// The folder of the repository.
///
/// # Panics
/// Never: this package lies in a folder.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("`tests` lies in the repository")
        .to_owned()
}

/// The folder of recordings and vectors beside the repository; `None`, said aloud, where it is absent.
#[must_use]
pub fn conformance() -> Option<PathBuf> {
    let folder = repository().join("../shared/conformance");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!(
        "SKIPPED: {} is absent, so there is nothing to compare with",
        folder.display()
    );
    None
}

impl Engine {
    /// Starts an engine and waits until its API answers.
    ///
    /// # Errors
    /// Where a process ended, with what it printed.
    pub fn start(options: &EngineOptions) -> Result<Self> {
        let mut engine = Self::prepare(options)?;
        for process in &mut engine.processes {
            process.run()?;
        }
        engine.wait_until_ready()?;
        Ok(engine)
    }

    /// An engine with all its files, none of its processes started.
    ///
    /// # Errors
    /// Where its files cannot be made, or a database of its own.
    pub fn prepare(options: &EngineOptions) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("petrel-engine-")
            .tempdir()?;
        let port = free_port()?;
        let options = &files::give_its_own(options, folder.path())?;
        Ok(Self {
            http: Http::new(format!("http://127.0.0.1:{port}"))?,
            processes: command_lines(options, folder.path(), port)?
                .into_iter()
                .map(|(role, line)| EngineProcess::new(role, folder.path(), line))
                .collect(),
            packs: options.packs.clone(),
            folder,
            port,
        })
    }

    /// Starts an engine with the repository's packs.
    ///
    /// # Errors
    /// As [`Engine::start`].
    pub fn on(backend: Backend) -> Result<Self> {
        Self::start(&EngineOptions::new(backend))
    }

    /// Waits until every process says that its roles run, and the API answers.
    ///
    /// # Errors
    /// Where a process ended by itself, with what it printed.
    pub fn wait_until_ready(&mut self) -> Result<()> {
        let waited = wait_until("every role running", START, || {
            for process in &mut self.processes {
                process.check_alive()?;
            }
            let all_run = self.processes.iter().all(EngineProcess::is_ready);
            Ok((all_run
                && self
                    .http
                    .get("/healthz")
                    .is_ok_and(|answer| answer.status == 200))
            .then_some(()))
        });
        waited.with_context(|| self.logs())
    }

    /// What all processes printed.
    #[must_use]
    pub fn logs(&self) -> String {
        self.processes.iter().map(EngineProcess::log).collect()
    }

    /// The first process with this role (`up` has all of them).
    ///
    /// # Panics
    /// Where there is none: a story's mistake.
    pub fn process(&mut self, role: &str) -> &mut EngineProcess {
        self.processes
            .iter_mut()
            .find(|process| process.role() == role || process.role() == "up")
            .expect("stories name roles that exist")
    }

    /// Ends all processes as an operator does, and starts them again.
    ///
    /// # Errors
    /// Where one does not end or start.
    pub fn restart(&mut self) -> Result<()> {
        for process in &mut self.processes {
            process.terminate()?;
        }
        for process in &mut self.processes {
            process.run()?;
        }
        self.wait_until_ready()
    }

    /// The folder that holds its data and logs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The port of its API.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Waits until an execution has ended, and gives it.
    ///
    /// # Errors
    /// Where it does not end in time.
    pub fn wait_for_end(&self, execution: &str) -> Result<Value> {
        let ended = ["succeeded", "failed", "timeout", "abandoned", "canceled"];
        let path = format!("/v1/executions/{execution}");
        wait_until(
            &format!("the end of execution {execution}"),
            DEADLINE,
            || {
                let body = self.http.get(&path)?.body;
                Ok(body["status"]
                    .as_str()
                    .is_some_and(|status| ended.contains(&status))
                    .then_some(body))
            },
        )
        .with_context(|| self.logs())
    }

    /// Waits until a listing has at least `count` members, and gives it.
    ///
    /// # Errors
    /// Where that does not come in time.
    pub fn wait_for_list(&self, path: &str, count: usize) -> Result<Vec<Value>> {
        wait_until(&format!("{path} having {count} members"), DEADLINE, || {
            let answer = self.http.get(path)?;
            Ok(answer
                .body
                .as_array()
                .filter(|list| list.len() >= count)
                .cloned())
        })
        .with_context(|| self.logs())
    }
}

/// The command line of each process.
fn command_lines(
    options: &EngineOptions,
    folder: &Path,
    port: u16,
) -> Result<Vec<(&'static str, Vec<String>)>> {
    let text = |path: &Path| path.display().to_string();
    let mut common = vec![
        "--insecure-no-auth".to_owned(),
        format!("--listen=127.0.0.1:{port}"),
        format!("--data-dir={}", text(&files::data(folder))),
    ];
    common.extend(
        options
            .packs
            .iter()
            .map(|packs| format!("--packs={}", text(packs))),
    );
    common.extend(options.arguments.clone());
    if options.backend == Backend::Embedded {
        return Ok(vec![("up", [vec!["up".to_owned()], common].concat())]);
    }
    let (database, broker, prefix) = if let Some((database, broker)) = &options.servers {
        (database.clone(), broker.clone(), "petrel".to_owned())
    } else {
        let broker = RabbitMq::shared();
        (
            Postgres::shared().fresh_database()?,
            broker.url(),
            broker.fresh_prefix(),
        )
    };
    let copies = |role: &str| if role == "api" { 1 } else { options.copies };
    Ok(ROLES
        .iter()
        .flat_map(|role| std::iter::repeat_n(*role, copies(role)))
        .map(|role| {
            let own = vec![
                "serve".to_owned(),
                format!("--roles={role}"),
                format!("--database-url={database}"),
                format!("--broker-url={broker}"),
                format!("--broker-prefix={prefix}"),
            ];
            (role, [own, common.clone()].concat())
        })
        .collect())
}
