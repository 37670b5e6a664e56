//! The script of an action: there, and executable.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Why a script cannot be run.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScriptError {
    #[error("the script `{0}` does not exist: the action's `entry_point` names it")]
    Absent(PathBuf),
    #[error("the script `{0}` is no file")]
    NoFile(PathBuf),
    #[error("the script `{0}` cannot be looked at")]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("the script `{0}` is not executable and cannot be made so: run `chmod +x {0}`")]
    NotExecutable(PathBuf, #[source] io::Error),
}

/// Checks that the script is there, and makes it executable where it is not, as st2 does (`chmod +x`).
pub(super) async fn make_runnable(path: &Path) -> Result<(), ScriptError> {
    let metadata = tokio::fs::metadata(path)
        .await
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                ScriptError::Absent(path.to_owned())
            }
            _ => ScriptError::Unreadable(path.to_owned(), error),
        })?;
    if !metadata.is_file() {
        return Err(ScriptError::NoFile(path.to_owned()));
    }
    let mode = metadata.permissions().mode();
    if mode & 0o111 == 0o111 {
        return Ok(());
    }
    let executable = std::fs::Permissions::from_mode(mode | 0o111);
    match tokio::fs::set_permissions(path, executable).await {
        Ok(()) => Ok(()),
        // Executable for somebody: the shell finds out whether for us.
        Err(_) if mode & 0o111 != 0 => Ok(()),
        Err(error) => Err(ScriptError::NotExecutable(path.to_owned(), error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn makes_a_script_executable() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.sh");
        std::fs::write(&path, "#!/bin/sh\n").unwrap();

        make_runnable(&path).await.unwrap();

        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o111,
            0o111
        );
    }

    #[tokio::test]
    async fn says_which_script_does_not_exist() {
        let error = make_runnable(Path::new("/no/such/run.sh"))
            .await
            .unwrap_err();

        assert_eq!(
            error.to_string(),
            "the script `/no/such/run.sh` does not exist: the action's `entry_point` names it"
        );
    }
}
