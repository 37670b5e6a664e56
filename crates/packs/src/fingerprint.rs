//! Tells whether files changed without reading them: by their names, lengths and times of change.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::layout::all_files;

/// Of all files of a pack. Another version of the engine may read the same files otherwise, and so counts too.
pub(crate) fn of_folder(folder: &Path) -> String {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_PKG_VERSION").hash(&mut hasher);
    for file in all_files(folder) {
        of_file(&folder.join(&file)).hash(&mut hasher);
        file.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

/// Of one file; empty where there is none.
pub(crate) fn of_file(path: &Path) -> String {
    let Ok(metadata) = path.metadata() else {
        return String::new();
    };
    let (seconds, nanos) = (metadata.mtime(), metadata.mtime_nsec());
    format!("{} {seconds}.{nanos}", metadata.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_files_that_come_change_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("actions/a.yaml");
        std::fs::create_dir(folder.path().join("actions")).unwrap();
        let write = |text: &str| std::fs::write(&file, text).unwrap();
        let now = || of_folder(folder.path());

        let empty = now();
        write("name: a\n");
        let first = now();
        write("name: abc\n");
        let second = now();
        std::fs::remove_file(&file).unwrap();

        assert_ne!(first, empty);
        assert_ne!(second, first);
        assert_eq!(now(), empty);
    }
}
