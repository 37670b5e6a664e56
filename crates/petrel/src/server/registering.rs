//! Registering packs: those of folders, and those that the engine brings.

use std::path::{Path, PathBuf};

use lifecycle::Clock;
use model::IdSource;
use packs::{Kinds, RegisterOptions, Report};
use secrets::Vault;
use store::Store;

use super::system_packs;
use crate::configuration::Configuration;
use crate::server::roles::configs_folder;

/// What packs are registered with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registering<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) store: &'a Store,
    pub(crate) vault: &'a Vault,
    pub(crate) ids: &'a IdSource,
    pub(crate) clock: &'a Clock,
}

impl Registering<'_> {
    /// Puts in force what the files of these packs say.
    pub(crate) async fn folders(&self, folders: &[PathBuf]) -> anyhow::Result<Report> {
        packs::register_built_in(self.store, self.ids, self.clock.now()).await?;
        let (configs, kinds) = (self.configs(), Kinds::all());
        let options = self.options(configs.as_deref(), &kinds);
        Ok(packs::register(self.store, folders, &options).await?)
    }

    /// Registers what the engine brings, and packs of the configured folders that have changed. A pack that was
    /// installed hides one of the same name in a folder, and that one hides one that the engine brings.
    pub(crate) async fn at_start(&self) -> anyhow::Result<()> {
        packs::register_built_in(self.store, self.ids, self.clock.now()).await?;
        let folders = &self.configuration.packs;
        for folder in folders.iter().filter(|folder| !folder.is_dir()) {
            tracing::warn!(
                "packs folder `{}` does not exist: nothing is registered from it",
                folder.display()
            );
        }
        let (configs, kinds) = (self.configs(), Kinds::all());
        let installed = self.store.pack_installs().await?.into_iter();
        let installed: Vec<String> = installed.map(|install| install.pack).collect();
        let brought = system_packs::write_out(&self.configuration.data_dir)?;
        let options = RegisterOptions {
            keep_unchanged: true,
            without: &installed,
            brought: Some(&brought),
            ..self.options(configs.as_deref(), &kinds)
        };
        tell(&packs::register(self.store, folders, &options).await?);
        Ok(())
    }

    fn options<'a>(&'a self, configs: Option<&'a Path>, kinds: &'a Kinds) -> RegisterOptions<'a> {
        RegisterOptions {
            kinds,
            packs: None,
            configs,
            vault: self.vault,
            ids: self.ids,
            now: self.clock.now(),
            keep_unchanged: false,
            installed: None,
            without: &[],
            brought: None,
        }
    }

    /// The folder of configurations, if it is there.
    fn configs(&self) -> Option<PathBuf> {
        Some(configs_folder(self.configuration)).filter(|folder| folder.is_dir())
    }
}

/// Says in the log what became of packs.
fn tell(report: &Report) {
    for failure in report.failures() {
        let shown = failure
            .excerpt
            .clone()
            .or_else(|| failure.error.clone())
            .unwrap_or_default();
        tracing::error!(
            "{}/{} is not registered:\n{shown}",
            failure.pack,
            failure.file
        );
    }
    for (result, warning) in report.warnings() {
        tracing::warn!("{}/{}:\n{}", result.pack, result.file, warning.excerpt);
    }
    if !report.packs.is_empty() {
        tracing::info!("packs registered: {}", report.packs.join(", "));
    }
    if !report.unchanged.is_empty() {
        tracing::info!("{} packs unchanged", report.unchanged.len());
    }
}
