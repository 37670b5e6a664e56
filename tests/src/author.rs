//! Somebody who follows a page of the documentation in a shell, from an empty folder on.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::engine::{DEADLINE, EngineProcess, Http, binary};
use crate::servers::{free_port, wait_until};

/// Somebody with an empty folder, a data folder of their own, and an engine once it was started.
#[derive(Debug)]
pub struct Author {
    folder: tempfile::TempDir,
    port: u16,
    engine: Option<EngineProcess>,
}

impl Author {
    /// Somebody who has done nothing yet.
    ///
    /// # Errors
    /// Where there is no place for the folder, or no port.
    pub fn new() -> Result<Self> {
        Ok(Self {
            folder: tempfile::tempdir()?,
            port: free_port()?,
            engine: None,
        })
    }

    /// Where the commands run.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the engine, and commands that need none, have their data.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.home().join("petrel")
    }

    fn home(&self) -> PathBuf {
        self.folder().join("share")
    }

    /// What the engine has logged.
    #[must_use]
    pub fn log(&self) -> String {
        let log = self.engine.as_ref().map(EngineProcess::log);
        log.unwrap_or_default()
    }

    /// Writes a file below the folder.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn write(&self, path: &str, text: &str) -> Result<()> {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        Ok(fs::write(path, text)?)
    }

    /// The engine, with these arguments of `petrel up`, at an address and with the data folder of its own.
    ///
    /// # Errors
    /// Where it does not start.
    pub fn start(&mut self, arguments: &str) -> Result<()> {
        let mut words = vec!["up".to_owned()];
        words.extend(arguments.split_whitespace().map(str::to_owned));
        words.push(format!("--listen=127.0.0.1:{}", self.port));
        words.push(format!("--data-dir={}", self.data_folder().display()));
        let mut engine = EngineProcess::new("up", self.folder(), words);
        engine.run()?;
        let http = Http::new(self.url())?;
        let ready = wait_until("the engine", DEADLINE, || {
            engine.check_alive()?;
            let answers = http
                .get("/healthz")
                .is_ok_and(|answer| answer.status == 200);
            Ok((engine.is_ready() && answers).then_some(()))
        });
        ready.with_context(|| engine.log())?;
        self.engine = Some(engine);
        Ok(())
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What a line of the shell prints, and whether it succeeds.
    ///
    /// # Errors
    /// Where there is no shell.
    pub fn run(&self, line: &str) -> Result<(String, bool)> {
        let binary = binary();
        let programs = binary.parent().unwrap_or(Path::new("/")).to_owned();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(programs).chain(std::env::split_paths(&path));
        let output = Command::new("bash")
            .args(["-c", &format!("exec 2>&1; {line}")])
            .current_dir(self.folder())
            .env("PATH", std::env::join_paths(path)?)
            .env("XDG_DATA_HOME", self.home())
            .env("PETREL_URL", self.url())
            .env_remove("PETREL_DATA_DIR")
            .output()?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((printed, output.status.success()))
    }
}
