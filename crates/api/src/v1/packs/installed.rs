//! Registering packs whose content the store has.

use std::path::PathBuf;

use executions::PackFolders;
use packs::{Kinds, RegisterOptions, Report};

use super::archive::refused;
use crate::{Api, ApiError};

/// Registers the installed packs among `wanted` (all of them, where that is empty): the newest content where it is
/// named, else what is in force. Gives the packs that were found, and what registering did.
pub(super) async fn register(
    api: &Api,
    wanted: &[String],
    kinds: &Kinds,
) -> Result<(Vec<String>, Report), ApiError> {
    let options = RegisterOptions {
        kinds,
        packs: None,
        configs: api.options.config_folder.as_deref(),
        vault: &api.vault,
        ids: &api.ids,
        now: api.clock.now(),
        keep_unchanged: false,
        installed: None,
        without: &[],
        brought: None,
    };
    let (mut found, mut whole) = (Vec::new(), Report::default());
    let installs = api.store.pack_installs().await?;
    for pack in wanted {
        let in_force = installs.iter().find(|install| install.pack == *pack);
        let newest = api.store.pack_archive(pack, None).await?;
        let newest =
            newest.filter(|newest| in_force.is_none_or(|in_force| in_force.hash != newest.hash));
        let (Some(newest), Some(folder)) = (newest, &api.options.installed_packs) else {
            continue;
        };
        let report = packs::put_in_force(&api.store, &newest, folder, &options).await;
        join(&mut whole, report.map_err(refused)?);
        found.push(pack.clone());
    }
    let folders = PackFolders::new(api.store.clone());
    let mut again: Vec<PathBuf> = Vec::new();
    for install in installs {
        let is_wanted = wanted.is_empty() || wanted.contains(&install.pack);
        if is_wanted && !found.contains(&install.pack) {
            let folder = folders.folder(&install.pack).await;
            again.push(folder.map_err(|error| ApiError::BadRequest(error.to_string()))?);
            found.push(install.pack);
        }
    }
    join(
        &mut whole,
        packs::register(&api.store, &again, &options).await?,
    );
    Ok((found, whole))
}

/// Adds what one more registering did.
pub(super) fn join(whole: &mut Report, more: Report) {
    whole.packs.extend(more.packs);
    whole.unchanged.extend(more.unchanged);
    whole.results.extend(more.results);
    for (kind, count) in more.counts {
        *whole.counts.entry(kind).or_default() += count;
    }
}
