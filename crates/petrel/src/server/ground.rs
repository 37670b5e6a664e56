//! What every role stands on: store, bus, secrets, definitions.

use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;

use anyhow::Context;
use bus::Bus;
use executions::Executions;
use intake::{Intake, IntakeOptions};
use lifecycle::{Clock, Tasks};
use model::IdSource;
use secrets::Vault;
use store::{Kind, Revision, Store};

use crate::configuration::Configuration;
use crate::server::patience::patiently;
use crate::server::registering::Registering;

/// The handles that roles share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Ground {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) clock: Clock,
    pub(crate) ids: Arc<IdSource>,
    pub(crate) vault: Vault,
    pub(crate) intake: Intake,
    pub(crate) executions: Executions,
}

impl Ground {
    /// Opens and migrates the store, reaches the broker, fills in what the engine brings, registers packs.
    pub(crate) async fn prepare(
        configuration: &Configuration,
        tasks: &Tasks,
    ) -> anyhow::Result<Self> {
        let (store, applied) = open_store(configuration).await?;
        if applied > 0 {
            tracing::info!("{applied} migrations applied");
        }
        let bus = Bus::connect(&configuration.bus, tasks).await?;
        let vault = open_vault(configuration, &store).await?;
        let (clock, ids) = (Clock::system(), Arc::new(IdSource::new()));
        let registering = Registering {
            configuration,
            store: &store,
            vault: &vault,
            ids: &ids,
            clock: &clock,
        };
        patiently("registering packs", || registering.at_start()).await?;
        let intake = patiently("the intake", || async {
            let (store, bus, clock, ids) =
                (store.clone(), bus.clone(), clock.clone(), Arc::clone(&ids));
            Ok(Intake::start(store, bus, clock, ids, tasks, IntakeOptions::default()).await?)
        })
        .await?;
        let executions = Executions::new(
            store.clone(),
            bus.clone(),
            vault.clone(),
            clock.clone(),
            Arc::clone(&ids),
            intake.clone(),
        );
        Ok(Self {
            store,
            bus,
            clock,
            ids,
            vault,
            intake,
            executions,
        })
    }
}

/// The vault of the key file. Where that file has to be made for a store that was worked on before, the log says so:
/// perhaps it was lost, or this machine did not get its copy.
async fn open_vault(configuration: &Configuration, store: &Store) -> anyhow::Result<Vault> {
    let path = &configuration.key_file;
    // Asked first: whoever begins with this store beside us makes the key before registering packs.
    let packs = patiently("the packs", || async {
        Ok(store.revision(Kind::Pack).await?)
    })
    .await?;
    let is_made = !path.exists();
    let vault = Vault::open_or_create(path)?;
    if is_made && packs > Revision(0) {
        tracing::warn!(
            "the key file `{}` was missing and is made anew, though the store is in use already: what was sealed with \
             another key cannot be opened. Every process needs the same key file: put it there, and start again",
            path.display()
        );
    }
    Ok(vault)
}

/// Makes the data folder where there is none, for its owner alone: it holds payloads, results and the key.
pub(crate) fn make_data_folder(configuration: &Configuration) -> anyhow::Result<()> {
    let folder = &configuration.data_dir;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .with_context(|| format!("data folder `{}` cannot be made", folder.display()))
}

/// The store, its folder made and its schema up to date; and how many migrations that took.
pub(crate) async fn open_store(configuration: &Configuration) -> anyhow::Result<(Store, usize)> {
    make_data_folder(configuration)?;
    let store = Store::connect(&configuration.store).await?;
    let applied = patiently("the schema", || async {
        Ok(store.migrate(Clock::system().now()).await?)
    })
    .await?;
    Ok((store, applied))
}
