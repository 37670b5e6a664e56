//! The packs that the engine brings: `core`, `default`, `linux` and `packs`, embedded.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use embedded::{File, WriteError};

const FILES: &[File] = &include!(concat!(env!("OUT_DIR"), "/system_packs.rs"));

/// The link to the packs of the version that started last. Their place is stored with them, so it is the same whatever the
/// version, and processes of two versions find packs there while one takes the other's place.
const CURRENT: &str = "current";

/// The folder that they lie in. It is part of what is stored of a pack, and so absolute.
pub(super) fn folder(data_dir: &Path) -> PathBuf {
    let link = data_dir.join("system-packs").join(CURRENT);
    std::path::absolute(&link).unwrap_or(link)
}

/// Makes sure that the packs lie below the data folder; the folder of packs.
pub(super) fn write_out(data_dir: &Path) -> Result<PathBuf, WriteError> {
    let link = folder(data_dir);
    let below = link.parent().unwrap_or(data_dir);
    let written = embedded::write_out(FILES, "packs", below)?;
    let target = written.file_name().map_or(written.as_path(), Path::new);
    point(&link, target).map_err(|error| WriteError::Write(link.clone(), error))?;
    Ok(link)
}

/// Makes a link point there, in one step.
fn point(link: &Path, target: &Path) -> io::Result<()> {
    if fs::read_link(link).is_ok_and(|now| now == target) {
        return Ok(());
    }
    let draft = link.with_extension(format!("{:08x}", rand::random::<u32>()));
    symlink(target, &draft)?;
    fs::rename(&draft, link)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brings_what_clients_depend_on() {
        let folder = tempfile::tempdir().unwrap();

        let first = write_out(folder.path()).unwrap();
        let second = write_out(folder.path()).unwrap();

        assert_eq!(first, second);
        for file in [
            "core/actions/local.yaml",
            "default/pack.yaml",
            "linux/pack.yaml",
            "packs/actions/install.yaml",
        ] {
            assert!(first.join(file).is_file(), "{file}");
        }
        assert!(!first.join("packs/tests").exists());
    }

    #[test]
    fn the_link_follows_the_version_that_started_last() {
        let folder = tempfile::tempdir().unwrap();
        let link = write_out(folder.path()).unwrap();
        fs::remove_file(&link).unwrap();
        symlink("packs-of-another-version", &link).unwrap();

        write_out(folder.path()).unwrap();

        assert!(link.join("core/pack.yaml").is_file());
    }
}
