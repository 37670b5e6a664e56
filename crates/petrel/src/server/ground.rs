//! What every role stands on: store, bus, secrets, definitions.

use std::sync::Arc;

use anyhow::Context;
use bus::Bus;
use executions::Executions;
use intake::{Intake, IntakeOptions};
use lifecycle::{Clock, Tasks};
use model::IdSource;
use secrets::Vault;
use store::Store;

use crate::configuration::Configuration;

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
    pub(crate) async fn prepare(configuration: &Configuration, tasks: &Tasks) -> anyhow::Result<Self> {
        let (store, applied) = open_store(configuration).await?;
        if applied > 0 {
            tracing::info!("{applied} migrations applied");
        }
        let bus = Bus::connect(&configuration.bus, tasks).await?;
        let vault = Vault::open_or_create(&configuration.key_file)?;
        let (clock, ids) = (Clock::system(), Arc::new(IdSource::new()));
        packs::register_built_in(&store, &ids, clock.now()).await?;
        register_packs(configuration, &store, &vault, &ids, &clock).await?;
        let intake =
            Intake::start(store.clone(), bus.clone(), clock.clone(), Arc::clone(&ids), tasks, IntakeOptions::default())
                .await?;
        let executions = Executions::new(
            store.clone(),
            bus.clone(),
            vault.clone(),
            clock.clone(),
            Arc::clone(&ids),
            intake.clone(),
        );
        Ok(Self { store, bus, clock, ids, vault, intake, executions })
    }
}

/// The store, its folder made and its schema up to date; and how many migrations that took.
pub(crate) async fn open_store(configuration: &Configuration) -> anyhow::Result<(Store, usize)> {
    std::fs::create_dir_all(&configuration.data_dir)
        .with_context(|| format!("data folder `{}` cannot be made", configuration.data_dir.display()))?;
    let store = Store::connect(&configuration.store).await?;
    let applied = store.migrate(Clock::system().now()).await?;
    Ok((store, applied))
}
