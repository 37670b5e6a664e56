//! The file that holds the key: one line of base64, readable by its owner alone.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aes_gcm::aead::Generate;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::KeyFileError;

/// More than any key file has: what is longer is not read whole.
const LONGEST: u64 = 1024;

/// Reads the key, or makes the file where there is none.
pub(crate) fn read_or_create(path: &Path) -> Result<[u8; 32], KeyFileError> {
    let failed = |error| KeyFileError::Io(path.to_owned(), error);
    match File::open(path) {
        Ok(file) => read(path, file),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            create(path).map_err(failed)?;
            // Read back, since another process may have been first.
            read(path, File::open(path).map_err(failed)?)
        }
        Err(error) => Err(failed(error)),
    }
}

fn read(path: &Path, file: File) -> Result<[u8; 32], KeyFileError> {
    let failed = |error| KeyFileError::Io(path.to_owned(), error);
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed(path.to_owned()));
    }
    let mut text = Vec::new();
    file.take(LONGEST).read_to_end(&mut text).map_err(failed)?;
    BASE64
        .decode(text.trim_ascii())
        .ok()
        .and_then(|key| key.try_into().ok())
        .ok_or_else(|| KeyFileError::Malformed(path.to_owned()))
}

/// Writes a fresh key beside `path` and links it there, so that the file is never seen half written and never
/// replaces another.
fn create(path: &Path) -> std::io::Result<()> {
    let draft = draft_of(path);
    let linked = write(&draft, &<[u8; 32]>::generate()).and_then(|()| {
        match std::fs::hard_link(&draft, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        }
    });
    let removed = match std::fs::remove_file(&draft) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    };
    linked.and(removed)
}

fn write(draft: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    writeln!(file, "{}", BASE64.encode(key))?;
    file.sync_all()
}

fn draft_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(
        ".{:016x}.new",
        u64::from_ne_bytes(<[u8; 8]>::generate())
    ));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Vault;

    fn write_key_file(text: &[u8], mode: u32) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        (dir, path)
    }

    #[test]
    fn a_new_key_file_is_for_its_owner_alone_and_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");

        let sealed = Vault::open_or_create(&path).unwrap().seal("hunter2");

        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(fs::read(&path).unwrap().len(), 45);
        assert_eq!(
            fs::read_dir(dir.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
        assert_eq!(
            Vault::open_or_create(&path).unwrap().open(&sealed).unwrap(),
            "hunter2"
        );
    }

    #[test]
    fn processes_that_start_together_agree_on_one_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key");

        let keys: Vec<[u8; 32]> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| read_or_create(&path).unwrap()))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect()
        });

        assert!(keys.iter().all(|key| *key == keys[0]));
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        for mode in [0o640, 0o604, 0o666] {
            let (_dir, path) = write_key_file(BASE64.encode([7; 32]).as_bytes(), mode);

            let error = Vault::open_or_create(&path).unwrap_err();

            let path = path.display();
            assert_eq!(
                error.to_string(),
                format!("key file `{path}` can be read by others: run `chmod 600 {path}`")
            );
        }
    }

    #[test]
    fn a_key_file_with_something_else_in_it_is_refused() {
        for text in [
            b"".as_slice(),
            b"hunter2",
            BASE64.encode([7; 16]).as_bytes(),
            &[0xff; 5000],
        ] {
            let (_dir, path) = write_key_file(text, 0o600);

            let error = Vault::open_or_create(&path).unwrap_err();

            let path = path.display();
            assert_eq!(
                error.to_string(),
                format!(
                    "key file `{path}` holds no key: one line of 44 base64 characters is expected"
                )
            );
        }
    }

    #[test]
    fn a_key_file_in_a_missing_folder_is_an_error_with_its_cause() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("absent/key");

        let error = Vault::open_or_create(&path).unwrap_err();

        assert_eq!(
            error.to_string(),
            format!("key file `{}` cannot be read or made", path.display())
        );
        assert_eq!(
            std::error::Error::source(&error).unwrap().to_string(),
            "No such file or directory (os error 2)"
        );
    }
}
