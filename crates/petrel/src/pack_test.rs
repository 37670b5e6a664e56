//! `petrel pack test`: the unit tests of a pack, in its virtualenv, as `st2-run-pack-tests` runs them.

mod aliases;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use archive::Content;
use clap::Args;
use lifecycle::Clock;
use model::IdSource;
use python_worker::{
    Interpreter, Pythons, Virtualenvs, Wanted, inherited_environment, python_path,
};
use tokio::process::Command;

use crate::args::{Common, LogFormat, StoreArgs};
use crate::client::print;
use crate::configuration::Configuration;
use crate::logging::{self, LogOptions};

/// Folders of a pack that its tests import from.
const IMPORTED: [&str; 5] = ["", "actions", "sensors", "etc", "tests"];
/// Which test runner the virtualenv has: pytest where the pack asks for it, else what Python brings.
const RUNNER: &str =
    "import importlib.util as u; print('pytest' if u.find_spec('pytest') else 'unittest')";

#[derive(Debug, Clone, Args)]
pub(crate) struct TestArgs {
    /// The pack's folder.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    /// Further arguments of the test runner: pytest where `requirements-tests.txt` asks for it, else unittest.
    #[arg(last = true, value_name = "ARGUMENT")]
    arguments: Vec<String>,
    #[command(flatten)]
    store: StoreArgs,
}

/// Runs the tests. Failure where one fails.
pub(crate) async fn run(common: &Common, args: &TestArgs) -> anyhow::Result<ExitCode> {
    let folder = std::path::absolute(&args.path)?;
    let pack = name_of(&folder)?;
    if !folder.join("tests").is_dir() {
        print(&format!(
            "pack `{pack}` has no folder `tests`: nothing to do"
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    logging::start(&LogOptions {
        filter: "warn,python_worker=info".to_owned(),
        format: LogFormat::Text,
    })?;
    let configuration = Configuration::for_migrate(common, &args.store)?;
    let pythons = Pythons::in_folder(&configuration.data_dir);
    let environment = inherited_environment(std::env::vars_os());
    let wanted = Wanted {
        pack: &pack,
        folder: &folder,
        tests: true,
        pythons: &pythons,
        environment: &environment,
    };
    let found = Virtualenvs::default()
        .of_pack(wanted, std::future::ready(None))
        .await?;
    let interpreter = Interpreter::of_virtualenv(found.virtualenv, &pythons).await;
    let worker = python_worker::written(&pythons.folder).await?;
    let imported = IMPORTED.map(|name| folder.join(name).display().to_string());
    let path = format!(
        "{}:{}",
        imported.join(":"),
        python_path(&folder, &environment, &worker)
    );
    let aliases = aliases::written(&folder)?;
    let mut command = Command::new(&interpreter.program);
    if let Some(path) = interpreter.path(&environment) {
        command.env("PATH", path);
    }
    let status = command
        .args(runner(&interpreter.program).await?)
        .args(&args.arguments)
        .env("PYTHONPATH", path)
        .env(aliases::VARIABLE, aliases.path())
        .current_dir(&folder)
        .status()
        .await?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}

/// The pack's ref.
fn name_of(folder: &Path) -> anyhow::Result<String> {
    let shown = folder.display();
    if !folder.is_dir() {
        bail!("there is no folder `{shown}`");
    }
    if !folder.join("pack.yaml").is_file() {
        bail!("`{shown}` is no pack: there is no pack.yaml in it");
    }
    let content = Content::of_folder(folder);
    let content = content.with_context(|| format!("`{shown}` cannot be read"))?;
    let pack = packs::examine(&content, &IdSource::new(), Clock::system().now());
    Ok(pack
        .with_context(|| format!("`{shown}` cannot be tested"))?
        .pack_ref)
}

/// The arguments that make this Python run the tests.
async fn runner(program: &Path) -> anyhow::Result<Vec<&'static str>> {
    let output = Command::new(program).args(["-c", RUNNER]).output().await;
    let output = output.with_context(|| format!("`{}` cannot be started", program.display()))?;
    Ok(if output.stdout.starts_with(b"pytest") {
        vec!["-m", "pytest", "tests"]
    } else {
        vec!["-m", "petrel_worker.unit_tests"]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pack_is_refused() {
        let folder = tempfile::tempdir().unwrap();

        let error = name_of(folder.path()).unwrap_err().to_string();

        assert!(
            error.ends_with("is no pack: there is no pack.yaml in it"),
            "{error}"
        );
        let error = name_of(&folder.path().join("gone")).unwrap_err();
        assert!(error.to_string().starts_with("there is no folder `"));
    }
}
