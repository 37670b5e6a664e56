//! Starting a process's roles, and ending it.

mod ground;
mod patience;
mod registering;
mod roles;
mod st2_folders;
mod system_packs;

use std::convert::Infallible;
use std::fs::{File, TryLockError};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use lifecycle::{Shutdown, Tasks};
use store::StoreOptions;

use crate::configuration::Configuration;

pub(crate) use ground::{Ground, make_data_folder, open_store};
pub(crate) use registering::Registering;
pub(crate) use roles::start as start_roles;

/// How long running work may take to finish after the first SIGTERM.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs the roles that the configuration names until a signal ends them. Failure if any of them failed.
pub(crate) async fn run(configuration: Configuration) -> anyhow::Result<ExitCode> {
    let tasks = Tasks::new(Shutdown::new());
    tokio::select! {
        outcome = serve(&configuration, &tasks) => outcome,
        never = follow_signals(tasks.shutdown()) => match never {},
    }
}

async fn serve(configuration: &Configuration, tasks: &Tasks) -> anyhow::Result<ExitCode> {
    let _alone = own_data_folder(configuration)?;
    let shutdown = tasks.shutdown();
    let ground = tokio::select! {
        ground = Ground::prepare(configuration, tasks) => ground?,
        () = shutdown.draining() => return Ok(ExitCode::SUCCESS),
    };
    let store = ground.store.clone();
    // The roles own the rest: the bus's tasks end when its last handle goes.
    tokio::select! {
        started = roles::start(configuration, ground, tasks) => started?,
        () = shutdown.draining() => {}
    }
    tracing::info!("every role of this process runs");
    shutdown.draining().await;
    let all_well = tasks.finished().await;
    store.close().await;
    Ok(if all_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Makes this process the only engine on its embedded store, until the file is dropped. The bus of such an engine
/// reaches no other process, so a second one would work on the same rows behind its back.
fn own_data_folder(configuration: &Configuration) -> anyhow::Result<Option<File>> {
    let StoreOptions::Sqlite { path } = &configuration.store else {
        return Ok(None);
    };
    make_data_folder(configuration)?;
    let path = path.with_extension("lock");
    let file = File::create(&path)
        .with_context(|| format!("lock file `{}` cannot be made", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => bail!(
            "another engine works in `{}`: stop it, or give another --data-dir",
            configuration.data_dir.display()
        ),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("lock file `{}` cannot be locked", path.display()))
        }
    }
}

/// Turns signals into the steps of a shutdown, for as long as the process lives.
async fn follow_signals(shutdown: &Shutdown) -> Infallible {
    if let Err(error) = shutdown.on_signals(PATIENCE).await {
        tracing::error!("signals cannot be listened to: {error}");
    }
    std::future::pending().await
}

/// `petrel migrate`.
pub(crate) async fn migrate(configuration: &Configuration) -> anyhow::Result<ExitCode> {
    let (store, applied) = open_store(configuration).await?;
    store.close().await;
    crate::client::print(&format!(
        "{}: {applied} migrations applied, the schema is up to date",
        store.backend()
    ))?;
    Ok(ExitCode::SUCCESS)
}
