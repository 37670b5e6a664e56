//! The Python worker: embedded, and written to a folder that is named by its content.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// The files: name in the folder, and text.
const FILES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/worker_files.rs"));

/// Why the worker cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// Something in it would run as us.
    #[error(
        "the folder `{0}` is somebody else's or may be written by others: what runs packs cannot lie there; remove it, or give another --data-dir"
    )]
    NotOurs(PathBuf),
    /// The file system failed.
    #[error("the Python worker cannot be written to `{0}`")]
    Write(PathBuf, #[source] io::Error),
}

/// Makes sure that the worker lies in a folder below `folder`; gives that folder.
pub fn write_out(folder: &Path) -> Result<PathBuf, WorkerError> {
    let target = folder.join(name());
    let failed = |error| WorkerError::Write(target.clone(), error);
    make_folder(folder).map_err(failed)?;
    check_owner(folder)?;
    if target.is_dir() {
        check_owner(&target)?;
        return Ok(target);
    }
    let draft = folder.join(format!("{}.{:08x}", name(), rand::random::<u32>()));
    write_files(&draft).map_err(failed)?;
    match fs::rename(&draft, &target) {
        Ok(()) => Ok(target),
        Err(error) => {
            fs::remove_dir_all(&draft).map_err(failed)?;
            // Somebody else was first with the same content.
            if target.is_dir() {
                Ok(target)
            } else {
                Err(WorkerError::Write(target, error))
            }
        }
    }
}

/// As [`write_out`], for those who must not block.
pub async fn written(folder: &Path) -> Result<PathBuf, WorkerError> {
    let below = folder.to_owned();
    let written = tokio::task::spawn_blocking(move || write_out(&below)).await;
    written.unwrap_or_else(|error| {
        Err(WorkerError::Write(
            folder.to_owned(),
            io::Error::other(error),
        ))
    })
}

/// By the content of all files.
fn name() -> String {
    let mut hash = Sha256::new();
    for (name, text) in FILES {
        for part in [name.as_bytes(), text.as_bytes()] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    let digest = hash.finalize();
    digest
        .iter()
        .take(8)
        .fold("worker-".to_owned(), |name, byte| {
            format!("{name}{byte:02x}")
        })
}

fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
}

fn write_files(draft: &Path) -> io::Result<()> {
    for (name, text) in FILES {
        let path = draft.join(name);
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        fs::write(&path, text)?;
    }
    Ok(())
}

fn check_owner(folder: &Path) -> Result<(), WorkerError> {
    let metadata =
        fs::metadata(folder).map_err(|error| WorkerError::Write(folder.to_owned(), error))?;
    let is_ours = metadata.uid() == nix::unistd::geteuid().as_raw();
    if is_ours && metadata.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(WorkerError::NotOurs(folder.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn writes_all_files_once() {
        let folder = tempfile::tempdir().unwrap();

        let first = write_out(&folder.path().join("python")).unwrap();
        let second = write_out(&folder.path().join("python")).unwrap();

        assert_eq!(first, second);
        assert!(first.join("__main__.py").is_file());
        assert!(first.join("st2common/runners/base_action.py").is_file());
        assert!(!first.join("tests").exists());
        let entries = fs::read_dir(folder.path().join("python")).unwrap();
        assert_eq!(entries.count(), 1);
    }

    #[test]
    fn refuses_a_folder_that_others_may_write() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();

        let error = write_out(folder.path()).unwrap_err();

        let expected = format!(
            "the folder `{}` is somebody else's or may be written by others",
            folder.path().display()
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}
