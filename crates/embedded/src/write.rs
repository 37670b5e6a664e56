//! Writing them out.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::File;

/// Why embedded files cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Something in it would run as us.
    #[error(
        "the folder `{0}` is somebody else's or may be written by others: what runs packs cannot lie there; remove it, or give another --data-dir"
    )]
    NotOurs(PathBuf),
    /// The file system failed.
    #[error("what the engine brings cannot be written to `{0}`")]
    Write(PathBuf, #[source] io::Error),
}

/// Makes sure that the files lie in a folder below `folder`, named `kind` and their content; gives that folder. Many
/// processes may do so at once: it appears as a whole.
pub fn write_out(files: &[File], kind: &str, folder: &Path) -> Result<PathBuf, WriteError> {
    let name = name(files, kind);
    let target = folder.join(&name);
    let failed = |error| WriteError::Write(target.clone(), error);
    make_folder(folder).map_err(failed)?;
    check_owner(folder)?;
    if target.is_dir() {
        check_owner(&target)?;
        return Ok(target);
    }
    let draft = folder.join(format!("{name}.{:08x}", rand::random::<u32>()));
    write_files(files, &draft).map_err(failed)?;
    match fs::rename(&draft, &target) {
        Ok(()) => Ok(target),
        Err(error) => {
            fs::remove_dir_all(&draft).map_err(failed)?;
            // Somebody else was first with the same content.
            if target.is_dir() {
                Ok(target)
            } else {
                Err(WriteError::Write(target, error))
            }
        }
    }
}

/// By the content of all files.
fn name(files: &[File], kind: &str) -> String {
    let mut hash = Sha256::new();
    for file in files {
        for part in [
            file.name.as_bytes(),
            &[u8::from(file.is_executable)],
            file.content,
        ] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    let digest = hash.finalize();
    let start = digest.iter().take(8);
    start.fold(format!("{kind}-"), |name, byte| format!("{name}{byte:02x}"))
}

fn make_folder(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(folder)
}

fn write_files(files: &[File], draft: &Path) -> io::Result<()> {
    for file in files {
        let path = draft.join(file.name);
        if let Some(parent) = path.parent() {
            make_folder(parent)?;
        }
        let mode = if file.is_executable { 0o755 } else { 0o644 };
        let mut options = fs::OpenOptions::new();
        let mut written = options
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&path)?;
        io::Write::write_all(&mut written, file.content)?;
    }
    Ok(())
}

fn check_owner(folder: &Path) -> Result<(), WriteError> {
    let metadata =
        fs::metadata(folder).map_err(|error| WriteError::Write(folder.to_owned(), error))?;
    let is_ours = metadata.uid() == nix::unistd::geteuid().as_raw();
    if is_ours && metadata.mode() & 0o022 == 0 {
        Ok(())
    } else {
        Err(WriteError::NotOurs(folder.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const FILES: [File; 2] = [
        File {
            name: "note",
            is_executable: false,
            content: b"read me",
        },
        File {
            name: "bin/run",
            is_executable: true,
            content: b"#!/bin/sh",
        },
    ];

    #[test]
    fn writes_all_files_once() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("kept");

        let first = write_out(&FILES, "things", &below).unwrap();
        let second = write_out(&FILES, "things", &below).unwrap();

        assert_eq!(first, second);
        assert_eq!(fs::read(first.join("note")).unwrap(), b"read me");
        let mode = |name: &str| fs::metadata(first.join(name)).unwrap().mode();
        assert_eq!(mode("note") & 0o111, 0);
        assert_ne!(mode("bin/run") & 0o100, 0);
        assert_eq!(fs::read_dir(&below).unwrap().count(), 1);
    }

    #[test]
    fn other_content_lies_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let mut changed = FILES;
        changed[0].content = b"read me again";

        let first = write_out(&FILES, "things", folder.path()).unwrap();
        let second = write_out(&changed, "things", folder.path()).unwrap();

        assert_ne!(first, second);
    }

    #[test]
    fn refuses_a_folder_that_others_may_write() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();

        let error = write_out(&FILES, "things", folder.path()).unwrap_err();

        let expected = format!(
            "the folder `{}` is somebody else's or may be written by others",
            folder.path().display()
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
}
