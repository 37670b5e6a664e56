//! StackStorm's own command line client, from `PyPI`, unmodified.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::engine::{Engine, repository};

/// The client, with a home folder of its own, pointed at one engine.
#[derive(Debug)]
pub struct St2 {
    program: PathBuf,
    home: tempfile::TempDir,
    base: String,
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    /// Its exit code; -1 for a signal.
    pub code: i32,
    /// What it printed.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

impl St2 {
    /// The client, installed by `scripts/st2-client` where it is not there yet.
    ///
    /// # Errors
    /// Where it cannot be installed.
    pub fn of(engine: &Engine) -> Result<Self> {
        Ok(Self {
            program: program()?,
            home: tempfile::tempdir()?,
            base: engine.http.base().to_owned(),
        })
    }

    /// Where the client is installed.
    #[must_use]
    pub fn program(&self) -> &PathBuf {
        &self.program
    }

    /// Runs a command.
    ///
    /// # Errors
    /// Where the client cannot be started.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Result<Ran> {
        let output = Command::new(&self.program)
            .args(arguments)
            .env("HOME", self.home.path())
            .env(
                "ST2_BASE_URL",
                self.base
                    .rsplit_once(':')
                    .map_or(self.base.as_str(), |(host, _)| host),
            )
            .env("ST2_API_URL", format!("{}/v1", self.base))
            .env("ST2_STREAM_URL", format!("{}/v1", self.base))
            .env("ST2_AUTH_URL", &self.base)
            .env("COLUMNS", "200")
            .env("TZ", "UTC")
            .output()
            .context("the st2 client cannot be started")?;
        Ok(Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }

    /// Runs a command that must end well and print JSON (`-j` is added).
    ///
    /// # Errors
    /// Where it does not, with what it printed.
    pub fn json(&self, arguments: &[&str]) -> Result<Value> {
        let ran = self.run(&[arguments, &["-j"]].concat())?;
        ensure!(
            ran.code == 0,
            "`st2 {}` ended with {}:\n{}{}",
            arguments.join(" "),
            ran.code,
            ran.stdout,
            ran.stderr
        );
        serde_json::from_str(&ran.stdout)
            .with_context(|| format!("`st2 {}` printed {}", arguments.join(" "), ran.stdout))
    }
}

fn program() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("PETREL_ST2") {
        return Ok(path.into());
    }
    let output = Command::new(repository().join("scripts/st2-client")).output()?;
    ensure!(
        output.status.success(),
        "the st2 client cannot be installed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8(output.stdout)?.trim().into())
}
