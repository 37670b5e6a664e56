//! The Python worker: embedded, and written to a folder that is named by its content.

use std::io;
use std::path::{Path, PathBuf};

use embedded::{File, WriteError};

const FILES: &[File] = &include!(concat!(env!("OUT_DIR"), "/worker_files.rs"));

/// Makes sure that the worker lies in a folder below `folder`; gives that folder.
pub fn write_out(folder: &Path) -> Result<PathBuf, WriteError> {
    embedded::write_out(FILES, "worker", folder)
}

/// As [`write_out`], for those who must not block.
pub async fn written(folder: &Path) -> Result<PathBuf, WriteError> {
    let below = folder.to_owned();
    let written = tokio::task::spawn_blocking(move || write_out(&below)).await;
    written.unwrap_or_else(|error| {
        Err(WriteError::Write(
            folder.to_owned(),
            io::Error::other(error),
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_the_worker_without_its_tests() {
        let folder = tempfile::tempdir().unwrap();

        let written = write_out(&folder.path().join("python")).unwrap();

        assert!(written.join("__main__.py").is_file());
        assert!(written.join("st2common/runners/base_action.py").is_file());
        assert!(!written.join("tests").exists());
    }
}
