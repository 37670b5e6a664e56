//! The files that an engine is given: copies, since it may write into its packs (data files, clones).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::EngineOptions;

/// Copies the packs to `folder/packs-N/packs` and writes the configurations; the options that name the copies.
pub(super) fn give_its_own(options: &EngineOptions, folder: &Path) -> Result<EngineOptions> {
    let mut options = options.clone();
    for (number, packs) in options.packs.iter_mut().enumerate() {
        let copy = folder.join(format!("packs-{number}/packs"));
        copy_folder(packs, &copy)
            .with_context(|| format!("the packs in {} cannot be copied", packs.display()))?;
        *packs = copy;
    }
    let configurations = data(folder).join("configs");
    for (pack, text) in &options.configurations {
        fs::create_dir_all(&configurations)?;
        fs::write(configurations.join(format!("{pack}.yaml")), text)?;
    }
    Ok(options)
}

/// Copies a folder with all that it holds, so that its owner can write everywhere; links are followed.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let source = entry?.path();
        let target = to.join(source.file_name().context("an entry has a name")?);
        if source.is_dir() {
            copy_folder(&source, &target)?;
            continue;
        }
        fs::copy(&source, &target)?;
        let mode = fs::metadata(&target)?.permissions().mode();
        fs::set_permissions(&target, fs::Permissions::from_mode(mode | 0o200))?;
    }
    Ok(())
}

/// The data folder of the engine whose folder this is.
pub(super) fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}
