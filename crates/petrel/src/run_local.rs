//! `petrel action run-local`: one action of a checkout, without a server: an engine of its own runs it, on a store that
//! is gone afterwards. Virtualenvs and configurations are those of the data folder.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use executions::ExecutionRequest;
use lifecycle::{Shutdown, Tasks};
use model::{Action, Execution, ExecutionContext, ExecutionId, Object, RunnerType};
use serde_json::json;
use store::{Store, StoreOptions};

use crate::args::{Common, LogFormat, Role, StoreArgs};
use crate::client::{convert, details, print, print_json};
use crate::configuration::Configuration;
use crate::logging::{self, LogOptions};
use crate::server::{Ground, start_roles};

/// What the engine is made of. It has no API of its own: actions reach none, or the one that is named.
const ROLES: [Role; 3] = [Role::Scheduler, Role::Workflow, Role::Runner];
/// How often it is looked whether the action has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What of the data folder is used.
const SHARED: [&str; 3] = ["virtualenvs", "configs", "python"];

#[derive(Debug, Clone, Args)]
pub(crate) struct RunLocalArgs {
    /// The action's metadata file, or `PACK.NAME` of a pack in one of the folders given with `--packs`.
    #[arg(value_name = "PATH|REF")]
    action: String,
    /// Parameters, as of `petrel run`.
    #[arg(value_name = "NAME=VALUE")]
    words: Vec<String>,
    /// Folders of packs that it may use, such as `core`; may be given more than once.
    #[arg(long, env = "PETREL_PACKS", value_name = "DIR", value_delimiter = ':')]
    packs: Vec<PathBuf>,
    /// The API of a running engine, such as `http://127.0.0.1:9101/v1`: the action may read and change its datastore.
    /// Without it, an action that uses the datastore is told that there is none.
    #[arg(long, value_name = "URL")]
    api_url: Option<String>,
    #[command(flatten)]
    store: StoreArgs,
    /// Print JSON.
    #[arg(short, long)]
    json: bool,
}

/// Runs the action and shows its result. Failure if it does not succeed.
pub(crate) async fn run(common: &Common, args: &RunLocalArgs) -> anyhow::Result<ExitCode> {
    logging::start(&LogOptions {
        filter: common
            .log
            .clone()
            .unwrap_or_else(|| "error,petrel::server=warn,python_worker=info".to_owned()),
        format: LogFormat::Text,
    })?;
    let place = tempfile::tempdir()?;
    let mut configuration = Configuration::for_migrate(common, &args.store)?;
    share(&configuration.data_dir, place.path())?;
    configuration.data_dir = place.path().to_owned();
    configuration.store = StoreOptions::Sqlite {
        path: place.path().join("petrel.db"),
    };
    configuration.roles = ROLES.to_vec();
    configuration.packs = packs(args)?;
    configuration.api_url = Some(args.api_url.clone().unwrap_or_default());
    let tasks = Tasks::new(Shutdown::new());
    let ground = Ground::prepare(&configuration, &tasks).await?;
    let store = ground.store.clone();
    let action = action(&store, &args.action).await?;
    let parameters = parameters(&store, &action, &args.words).await?;
    let executions = ground.executions.clone();
    start_roles(&configuration, ground, &tasks).await?;
    let request = ExecutionRequest {
        action: action.action_ref.to_string(),
        parameters,
        context: ExecutionContext {
            user: "local".to_owned(),
            ..ExecutionContext::default()
        },
        delay: None,
        notify: Object::new(),
        variables: Vec::new(),
    };
    let requested = executions.request(request).await?;
    let ended = end(&store, requested.id).await?;
    tasks.shutdown().drain();
    tasks.finished().await;
    show(&ended, args.json)
}

/// Makes what is used of the data folder appear in the engine's own.
fn share(data: &Path, place: &Path) -> anyhow::Result<()> {
    for name in SHARED {
        let (from, to) = (data.join(name), place.join(name));
        std::fs::create_dir_all(&from)
            .with_context(|| format!("`{}` cannot be made", from.display()))?;
        symlink(from, to)?;
    }
    Ok(())
}

/// The folders of packs: those that are named, and that of the action's file.
fn packs(args: &RunLocalArgs) -> anyhow::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    let file = Path::new(&args.action);
    check_file(file)?;
    if file.is_file() {
        let file = std::path::absolute(file)?;
        let pack = packs::pack_of_file(&file);
        folders.push(pack.with_context(|| {
            format!(
                "`{}` lies in no pack: no folder above it has a pack.yaml",
                file.display()
            )
        })?);
    }
    folders.extend(args.packs.iter().cloned());
    Ok(folders)
}

/// Says what is wrong with what looks like a file, before anything is started.
fn check_file(file: &Path) -> anyhow::Result<()> {
    let shown = file.display();
    let is_metadata = file
        .extension()
        .is_some_and(|extension| extension == "yaml" || extension == "yml");
    if file.is_file() && !is_metadata {
        bail!(
            "`{shown}` is no metadata of an action: give its YAML file, which names this one as its `entry_point`"
        );
    }
    if !file.is_file() && (is_metadata || file.components().count() > 1) {
        bail!(
            "there is no file `{shown}`: give an action's metadata file, or its reference and --packs"
        );
    }
    Ok(())
}

/// The action that is meant.
async fn action(store: &Store, named: &str) -> anyhow::Result<Action> {
    let file = Path::new(named);
    if !file.is_file() {
        let found = store.find(named).await?;
        return found.with_context(|| {
            format!("there is no action `{named}`: give its metadata file, or --packs with the folder of its pack")
        });
    }
    let file = std::path::absolute(file)?;
    let all = store
        .all::<Action>(&store::DefinitionFilter::default())
        .await?;
    for action in all {
        let pack = store.find::<model::Pack>(&action.pack).await?;
        let folder = pack.and_then(|pack| pack.path).unwrap_or_default();
        if Path::new(&folder).join(&action.metadata_file) == file {
            return Ok(action);
        }
    }
    bail!(
        "`{}` is not taken as an action: `petrel pack lint` says why",
        file.display()
    )
}

/// The words as the runner's and the action's own parameters type them.
async fn parameters(store: &Store, action: &Action, words: &[String]) -> anyhow::Result<Object> {
    let runner: Option<RunnerType> = store.find(&action.runner_type).await?;
    let of_runner = runner.map(|runner| runner.runner_parameters);
    let schema = schema::effective_parameters(&of_runner.unwrap_or_default(), &action.parameters)
        .map_err(|error| anyhow::anyhow!("its parameters cannot be used: {error}"))?;
    convert(&action.action_ref.to_string(), words, &schema)
}

/// The execution, once it has ended.
async fn end(store: &Store, id: ExecutionId) -> anyhow::Result<Execution> {
    loop {
        let execution = store.execution(id).await?;
        let execution = execution.context("the execution is lost")?;
        if execution.status.is_final() {
            return Ok(execution);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

fn show(ended: &Execution, json: bool) -> anyhow::Result<ExitCode> {
    let status = ended.status.as_str();
    let shown = json!({ "status": status, "result": ended.result });
    if json {
        print_json(&shown)?;
    } else {
        print(&details(
            &shown,
            &["status", "result"],
            crate::client::Style::of_stdout(),
        ))?;
    }
    Ok(if ended.status == model::ExecutionStatus::Succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_file_is_wanted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("act.py");
        std::fs::write(&path, "").unwrap();

        let error = check_file(&path).unwrap_err().to_string();
        assert!(
            error.contains("is no metadata of an action: give its YAML file"),
            "{error}"
        );
        let error = check_file(Path::new("actions/gone.yaml")).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("there is no file `actions/gone.yaml`: ")
        );
        assert!(check_file(Path::new("core.local")).is_ok());
    }
}
